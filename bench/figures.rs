//! Medians and ratios.

use std::fmt;

/// The middle of the values.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// Transactions a second of alternating runs: the raw database's and the product's.
#[derive(Default)]
pub struct Pairs(Vec<(f64, f64)>);

impl Pairs {
    pub fn push(&mut self, raw: f64, product: f64) {
        self.0.push((raw, product));
    }
}

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = |pick: fn(&(f64, f64)) -> f64| self.0.iter().map(pick).collect::<Vec<_>>();
        let (raw, product, ratios) = (column(|p| p.0), column(|p| p.1), column(|p| p.1 / p.0));
        write!(
            f,
            "ratio {:.2} ({}); raw {:.0}/s, product {:.0}/s",
            median(&ratios),
            ratios
                .iter()
                .map(|ratio| format!("{ratio:.2}"))
                .collect::<Vec<_>>()
                .join(" "),
            median(&raw),
            median(&product),
        )
    }
}
