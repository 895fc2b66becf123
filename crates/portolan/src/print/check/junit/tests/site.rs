//! What departs from the site registry, as test cases.

use super::*;

#[test]
fn the_site_registry_is_one_test_case_also_where_nothing_drifts() {
    let root = Element::read(&document(&drifting()));
    let cases = root.named("testcase");
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].attributes["name"], "site registry");
    let failure = root.named("failure")[0];
    assert_eq!(failure.attributes["type"], "site_drift");
    for part in [
        "nginx",
        "backup",
        "could not be judged",
        "site registry, record 12",
    ] {
        assert!(failure.text.contains(part), "{failure:?}");
    }
    let check = Check {
        violations: Vec::new(),
        unseen: Vec::new(),
        ..drifting()
    };
    let root = Element::read(&document(&check));
    assert_eq!(root.named("testcase").len(), 1);
    assert!(root.named("failure").is_empty());
}

#[test]
fn a_rule_called_like_the_site_registry_is_not_taken_for_it() {
    let mut check = drifting();
    check.rules.push(("site registry".to_owned(), origin(30)));
    let root = Element::read(&document(&check));
    let cases = root.named("testcase");
    let names: Vec<&str> = cases.iter().map(|c| &*c.attributes["name"]).collect();
    assert_eq!(names, ["site registry", "site registry (2)"]);
    assert!(cases[0].named("failure").is_empty());
    assert_eq!(cases[1].named("failure").len(), 1);
}

#[test]
fn drift_from_a_file_names_its_line() {
    let root = Element::read(&document(&drifting_from_a_file()));
    let failure = root.named("failure")[0];
    let places = "site registry, /srv/web 1/site.toml:12, site registry, /srv/web 1/site.toml:14, \
                  site registry, /srv/web 1/site.toml:13";
    assert!(failure.text.ends_with(places), "{failure:?}");
}
