//! What the program is built from: every crate with version and licence, as a table and as CycloneDX.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::run::{Step, cargo};

/// Writes `licences.tsv` and `sbom.cdx.json`.
pub(crate) fn write(dist: &Path) -> Step {
    let parts = parts()?;
    let mut table = String::from("crate\tversion\tlicence\n");
    for part in &parts {
        table += &format!("{}\t{}\t{}\n", part.name, part.version, part.licence);
    }
    let files = [("licences.tsv", table), ("sbom.cdx.json", format!("{:#}\n", cyclone(&parts)))];
    for (name, text) in files {
        fs::write(dist.join(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    name: String,
    version: String,
    licence: String,
}

/// Everything that ends up in the program: its dependencies and theirs, those for tests and building left out.
/// `cargo tree` knows the features that the program alone asks for, which `cargo metadata` does not.
fn parts() -> Result<BTreeSet<Part>, String> {
    let mut command = cargo(&["tree", "--locked", "--package=io-uring-sync", "--edges=normal"]);
    let output = command.args(["--prefix=none", "--format={p}\t{l}\t"]).output();
    let output = output.map_err(|error| format!("cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(part).collect())
}

/// `name v1.2.3 (where it lies)`, a tab, and the licence.
fn part(line: &str) -> Option<Part> {
    let (package, rest) = line.split_once('\t')?;
    let (licence, _) = rest.split_once('\t')?;
    let (name, version) = package.split_once(" v")?;
    let version = version.split(' ').next()?;
    Some(Part { name: name.to_owned(), version: version.to_owned(), licence: licence.to_owned() })
}

fn cyclone(parts: &BTreeSet<Part>) -> Value {
    let components: Vec<Value> = parts
        .iter()
        .map(|part| {
            json!({
                "type": "library",
                "name": part.name,
                "version": part.version,
                "purl": format!("pkg:cargo/{}@{}", part.name, part.version),
                "licenses": [{ "expression": part.licence.replace('/', " OR ") }],
            })
        })
        .collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": { "type": "application", "name": "io-uring-sync", "version": crate::dist::version() }
        },
        "components": components,
    })
}

#[cfg(test)]
mod tests {
    use super::parts;

    /// rsync is GPL: nothing of that licence may be linked.
    #[test]
    fn every_part_has_a_licence_that_goes_with_ours() {
        let parts = parts().unwrap();
        assert!(parts.iter().any(|part| part.name == "io-uring") && parts.len() > 20);
        for other in ["tempfile", "clap"] {
            assert!(!parts.iter().any(|part| part.name == other), "{other} is for tests or generators");
        }
        for part in &parts {
            assert!(!part.licence.is_empty() && !part.licence.starts_with("GPL"), "{part:?}");
        }
    }
}
