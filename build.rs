//! The binary embeds `migrations/`, which cargo would not watch by itself.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
