//! Salon: scattered groups of big and small blocks to sit on.

use super::clusters::Clusters;
use super::scene::Scene;
use super::violation::{Code, Findings};

/// `CLUSTERS_FEW` (below 3), else `CLUSTER_BIG` (over 12 cells); and `MIX`, `AISLE_NARROW` (below 2), `SEATS_SHORT`.
pub fn check(scene: &Scene, findings: &mut Findings) {
    let rules = &scene.site.rules;
    let clusters = Clusters::of(scene);
    if clusters.cells.len() < rules.salon_min as usize {
        findings.add(Code::ClustersFew);
    } else {
        for cluster in &clusters.cells {
            if cluster.len() > rules.salon_max_cells as usize {
                findings.add_spots(Code::ClusterBig, &scene.blocks, cluster.iter().copied());
            }
        }
    }
    if !(has_type(scene, "big") && has_type(scene, "small")) {
        findings.add(Code::Mix);
    }
    clusters.keep_apart(rules.salon_gap, findings);
    if seats(scene) < u64::from(scene.layout.seats_required) {
        findings.add(Code::SeatsShort);
    }
}

/// The seats of z=0 blocks.
pub fn seats(scene: &Scene) -> u64 {
    let low = scene.layout.placements.iter().filter(|one| one.z == 0);
    low.map(|one| u64::from(scene.site.types[one.block].salon_seats))
        .sum()
}

fn has_type(scene: &Scene, id: &str) -> bool {
    let mut placements = scene.layout.placements.iter();
    placements.any(|one| scene.site.types[one.block].id == id)
}
