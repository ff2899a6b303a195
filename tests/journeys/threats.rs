//! What the documents promise is shown by tests that there are.

use std::path::Path;

/// The names in a document that look like tests: `file::test`, `src/place::test`, `tests/place::test`, `verify/script`, `scripts/script`.
fn named(text: &str) -> Vec<&str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| {
            is_script(name)
                || name.contains("::")
                    && name
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "_:/".contains(c))
        })
        .collect()
}

fn is_script(name: &str) -> bool {
    name.starts_with("verify/") || name.starts_with("scripts/")
}

fn is_there(root: &Path, name: &str) -> bool {
    if is_script(name) {
        return root.join(name).is_file();
    }
    let Some((place, test)) = name.rsplit_once("::") else {
        return false;
    };
    let place = match place.contains('/') {
        true => place.to_owned(),
        false => format!("tests/journeys/{place}"),
    };
    let wanted = format!("fn {test}(");
    [
        format!("{place}.rs"),
        format!("{place}/mod.rs"),
        format!("{place}_tests.rs"),
    ]
    .iter()
    .filter_map(|file| std::fs::read_to_string(root.join(file)).ok())
    .any(|code| code.contains(&wanted))
}

#[test]
fn every_test_that_a_document_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (document, least) in [("docs/threat-model.md", 40), ("docs/promise.md", 30)] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        let names = named(&text);
        assert!(names.len() >= least, "{document} names {}", names.len());
        let missing: Vec<_> = names.iter().filter(|name| !is_there(root, name)).collect();
        assert!(missing.is_empty(), "{document}: {missing:?}");
    }
    // each line of the table of threats names one
    let threats = std::fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    for line in threats.lines().filter(|line| line.starts_with("| ")) {
        let heading = line.starts_with("| threat") || line.starts_with("| ---");
        assert!(heading || !named(line).is_empty(), "{line}");
    }
}
