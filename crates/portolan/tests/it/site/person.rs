//! Who takes a step.

use super::*;

#[test]
fn who_takes_a_step_is_told_by_the_system_and_not_by_an_argument() {
    let _alone = alone();
    let named = |id: &str| {
        let said = Command::new("id").args(["-un", id]).output().unwrap();
        finished(said).out.trim().to_owned()
    };
    let asked_by = |mut command: Command, sudo: &str| {
        let site = Site::new();
        fs::set_permissions(site.folder(), fs::Permissions::from_mode(0o777)).unwrap();
        command
            .arg("--state")
            .arg(site.folder())
            .env("SUDO_UID", sudo);
        command.args(["registry", "request", "night-sync", "--description", "Copy"]);
        command.args([
            "--reference",
            "Design 1",
            "--assignee",
            "Ops",
            "--contact",
            "ops",
            "--json",
        ]);
        let document = read(&finished(command.output().unwrap()), "site-step.json");
        document["record"]["requested_by"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let own = rustix::process::getuid();
    let (_copy, nobody) = portolan_as_nobody();
    match own.is_root() {
        true => {
            assert_eq!(asked_by(portolan(), "65534"), named("65534"));
            assert_eq!(asked_by(portolan(), "not a number"), named("0"));
            assert_eq!(asked_by(nobody, "0"), named("65534"));
        }
        false => assert_eq!(asked_by(portolan(), "0"), named(&own.to_string())),
    }
}
