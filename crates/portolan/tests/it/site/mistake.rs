//! What is typed wrong.

use super::*;

#[test]
fn what_is_typed_wrong_is_one_line() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("billing-api", "26905", &[]).code, Some(0));
    assert_eq!(
        site.request("shop-api", "18325", &["--scope", "host:web1"])
            .code,
        Some(0)
    );
    for (arguments, said) in [
        (
            vec!["review", "a b"],
            "2 portolan: \"a b\" names no record: write its number (12), its name (billing-api) or its place (8443/tcp, :8443)",
        ),
        (
            vec!["review", "99", "--approve"],
            "1 portolan: the site registry has no record 99 (a port is written :99); try: portolan registry list",
        ),
        (
            vec!["report-use", "8443", "--because", "seen"],
            "1 portolan: the site registry has no record 8443 (a port is written :8443); try: portolan registry list",
        ),
        (
            vec!["deassign", ":8443"],
            "1 portolan: the site registry has no record for port 8443; try: portolan registry list",
        ),
        (
            vec!["modify", "1"],
            "2 portolan: nothing of record 1 would change: name a field, as --contact or --no-expires",
        ),
        (
            vec!["list", "--pending", "28856"],
            "1 portolan: none of the 2 records waits for a review",
        ),
        (
            vec!["report-use", "26905/tcp"],
            "1 portolan: refused by RFC 6335 section 8.1.1: it is not said what was seen; say who uses the number, and where",
        ),
    ] {
        let run = site.run(&arguments);
        let seen = format!("{} {}", run.code.unwrap(), run.err.trim_end());
        assert_eq!(seen, said, "{arguments:?}");
    }
    for arguments in [
        vec!["request", "x", "--port", "1-2"],
        vec!["request", "x", "--scope", "hosts:a"],
        vec!["request", "x", "--expires", "tomorrow"],
        vec!["review", "1", "--approve", "--decline"],
        vec!["review", "1", "--decline", "--approval", "board"],
        vec!["modify", "1", "--no-ticket", "--ticket", "x"],
        vec!["revoke", "1", "--complete", "--cancel"],
        vec!["audit", "1", "--verify"],
        vec!["audit", "--head", "xyz"],
    ] {
        assert_eq!(site.run(&arguments).code, Some(2), "{arguments:?}");
    }
}
