//! Exhibition: clusters alike on a lattice, with aisles between them.

use super::clusters::Clusters;
use super::scene::Scene;
use super::violation::{Code, Findings};

/// `CLUSTERS_FEW` (fewer than 2 clusters, or one without a z=0 anchor block), else both `IRREGULAR` and `AISLE_NARROW`
/// (clearance below 3).
pub fn check(scene: &Scene, findings: &mut Findings) {
    let rules = &scene.site.rules;
    let clusters = Clusters::of(scene);
    let without_anchor = clusters.without_anchor();
    if clusters.cells.len() < rules.exhib_min as usize || !without_anchor.is_empty() {
        let cells = without_anchor.into_iter().flatten().copied();
        findings.add_spots(Code::ClustersFew, &scene.blocks, cells);
        return;
    }
    if !regular(&clusters) {
        findings.add(Code::Irregular);
    }
    clusters.keep_apart(rules.exhib_aisle, findings);
}

/// Whether the clusters are congruent by translation, and their distinct origin x's and y's equally spaced; empty
/// points of the lattice are fine.
fn regular(clusters: &Clusters) -> bool {
    let shapes = clusters.shapes();
    shapes.windows(2).all(|pair| pair[0].cells == pair[1].cells)
        && equally_spaced(shapes.iter().map(|shape| shape.origin.0))
        && equally_spaced(shapes.iter().map(|shape| shape.origin.1))
}

fn equally_spaced(positions: impl Iterator<Item = i64>) -> bool {
    let mut positions: Vec<_> = positions.collect();
    positions.sort_unstable();
    positions.dedup();
    positions
        .windows(3)
        .all(|three| three[1] - three[0] == three[2] - three[1])
}
