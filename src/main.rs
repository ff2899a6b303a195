//! The commands. Each reads the settings and calls a function of the library.

use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use mofang::config::{Config, Flags};
use mofang::server;
use tracing_subscriber::EnvFilter;

/// Books a venue whose rooms change shape.
#[derive(Parser)]
#[command(name = "mofang", version)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    /// Shows every setting, and where it comes from, and leaves
    #[arg(long, global = true)]
    print_config: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the API and the pages (what happens without a command, too)
    Serve(Serve),
    /// Brings the database's tables up to date
    Migrate,
}

#[derive(Args, Default)]
struct Serve {
    /// Leaves mails and deadlines to a `mofang worker` elsewhere
    #[arg(long)]
    no_worker: bool,
    /// Makes demonstration accounts and prints their passwords
    #[arg(long)]
    demo: bool,
}

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mofang: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<(), Box<dyn Error>> {
    let (config, origins) = Config::load(&cli.flags)?;
    if cli.print_config {
        print!("{origins}");
        return Ok(());
    }
    log(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match cli.command.unwrap_or(Command::Serve(Serve::default())) {
        Command::Serve(Serve { no_worker, demo }) => {
            let options = server::Options {
                worker: !no_worker,
                demo,
            };
            runtime.block_on(server::run(config, options))?;
        }
        Command::Migrate => runtime.block_on(server::migrate(config))?,
    }
    Ok(())
}

/// Lines for a person at a terminal, JSON for everything else.
fn log(filter: &str) -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("MOFANG_LOG: {error}"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.init()
    } else {
        builder.json().init()
    }
    Ok(())
}
