use super::*;

const ID: &str = "3f4e8b0a6c1d2e3f4a5b6c7d8e9f00112233445566778899aabbccddeeff0011";

/// The unit, and the container as `runtime/first digits of the id`.
fn told(text: &str) -> (Option<String>, Option<String>) {
    let Place {
        unit, container, ..
    } = read(text.replace("ID", ID).as_bytes());
    let container = container.map(|container| {
        let id = if container.id == ID {
            "ID"
        } else {
            &container.id
        };
        format!("{}/{id}", container.runtime)
    });
    (unit.map(|unit| unit.0.replace(ID, "ID")), container)
}

fn both(unit: &str, container: &str) -> (Option<String>, Option<String>) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (some(unit), some(container))
}

#[test]
fn units_of_version_2() {
    assert_eq!(
        told("0::/system.slice/nginx.service\n"),
        both("nginx.service", "")
    );
    assert_eq!(told("0::/init.scope\n"), both("init.scope", ""));
    assert_eq!(
        told("0::/system.slice/system-getty.slice/getty@tty1.service"),
        both("getty@tty1.service", "")
    );
    assert_eq!(
        told("0::/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/worker"),
        both("web.service", "")
    );
    assert_eq!(
        told("0::/user.slice/user-1000.slice/session-3.scope"),
        both("session-3.scope", "")
    );
    assert_eq!(told("0::/user.slice/user-1000.slice"), both("", ""));
    assert_eq!(
        told("0::/system.slice/_cpu.service"),
        both("cpu.service", "")
    );
    assert_eq!(told("0::/"), both("", ""));
}

#[test]
fn units_of_version_1_and_of_a_hybrid() {
    let version_1 =
        "4:memory:/system.slice/other.service\n1:name=systemd:/system.slice/ssh.service\n";
    assert_eq!(told(version_1), both("ssh.service", ""));
    let hybrid = "9:name=systemd:/system.slice/ssh.socket\n4:memory:/\n0::/\n";
    assert_eq!(told(hybrid), both("ssh.socket", ""));
}

#[test]
fn containers_of_systemd_drivers() {
    assert_eq!(
        told("0::/system.slice/docker-ID.scope"),
        both("docker-ID.scope", "docker/ID")
    );
    assert_eq!(
        told("0::/machine.slice/libpod-ID.scope/container"),
        both("libpod-ID.scope", "podman/ID")
    );
    assert_eq!(
        told(
            "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container"
        ),
        both("libpod-ID.scope", "podman/ID")
    );
    let pod = "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f_2.slice";
    assert_eq!(
        told(&format!("{pod}/cri-containerd-ID.scope")),
        both("cri-containerd-ID.scope", "containerd/ID")
    );
    assert_eq!(
        told(&format!("{pod}/crio-ID.scope")),
        both("crio-ID.scope", "cri-o/ID")
    );
    assert_eq!(
        told("0::/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:ID"),
        both("containerd.service", "containerd/ID")
    );
}

#[test]
fn containers_of_cgroupfs_drivers() {
    assert_eq!(
        told("5:pids:/docker/ID\n1:name=systemd:/docker/ID\n"),
        both("", "docker/ID")
    );
    assert_eq!(told("0::/libpod_parent/libpod-ID"), both("", "podman/ID"));
    assert_eq!(
        told("0::/kubepods/burstable/pod7d-1/ID"),
        both("", "kubernetes/ID")
    );
    assert_eq!(
        told("0::/lxc/web/system.slice/nginx.service"),
        both("nginx.service", "lxc/web")
    );
    assert_eq!(told("0::/lxc.payload.web"), both("", "lxc/web"));
    assert_eq!(told("0::/lxc.payload/web"), both("", "lxc/web"));
}

#[test]
fn pods_of_every_driver() {
    const UID: &str = "7d9f1c2e-0a1b-4c3d-8e4f-5a6b7c8d9e0f";
    const STATIC: &str = "2cd8d4a9a4a1c5ea61cd2a9c1b3c4f51";
    let told = |text: &str| {
        let text = text
            .replace("ID", ID)
            .replace("UNDER", &UID.replace('-', "_"));
        read(text.replace("POD", UID).as_bytes())
            .pod
            .map(|pod| pod.uid)
    };
    for path in [
        // cgroupfs: containerd, k3s, cri-dockerd; guaranteed, burstable, cri-o's own name.
        "0::/kubepods/podPOD/ID",
        "0::/kubepods/burstable/podPOD/ID",
        "0::/kubepods/besteffort/podPOD/crio-ID",
        "11:memory:/kubepods/burstable/podPOD/ID\n1:name=systemd:/kubepods/burstable/podPOD/ID",
        "0::/k3s/kubepods/burstable/podPOD/ID",
        "0::/../../podPOD/ID/kubepods/podPOD",
        // systemd: containerd, cri-o, docker.
        "0::/kubepods.slice/kubepods-podUNDER.slice/cri-containerd-ID.scope",
        "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUNDER.slice/crio-ID.scope",
        "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podUNDER.slice/docker-ID.scope",
        "0::/system.slice/containerd.service/kubepods-burstable-podUNDER.slice:cri-containerd:ID",
        // kind, and a kubelet with a root of its own.
        "0::/docker/ID/kubelet/kubepods/besteffort/podPOD/ID",
        "0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podUNDER.slice/cri-containerd-ID.scope",
        // k3s, without root.
        "0::/user.slice/user-1000.slice/user@1000.service/app.slice/k3s.service/kubepods/podPOD/ID",
    ] {
        assert_eq!(told(path).as_deref(), Some(UID), "{path}");
    }
    let own_file = format!("0::/kubepods/burstable/pod{STATIC}/ID");
    assert_eq!(told(&own_file).as_deref(), Some(STATIC));
    for path in [
        "0::/kubepods.slice/kubepods-burstable.slice",
        "0::/podPOD/ID",
        "0::/machine.slice/libpod-podPOD.slice",
        "0::/kubepods/burstable/pod1/ID",
        "0::/kubepods/pod/ID",
        "0::/kubepods/podPODx/ID",
    ] {
        assert_eq!(told(path), None, "{path}");
    }
}

#[test]
fn the_innermost_container_counts() {
    assert_eq!(
        told("0::/docker/ID/kubelet/kubepods/besteffort/pod1/aaaabbbbccccdddd"),
        both("", "kubernetes/aaaabbbbccccdddd")
    );
}

#[test]
fn monitors_and_lookalikes_are_no_containers() {
    assert_eq!(
        told("0::/machine.slice/libpod-conmon-ID.scope"),
        both("libpod-conmon-ID.scope", "")
    );
    assert_eq!(told("0::/lxc.monitor.web"), both("", ""));
    assert_eq!(
        told("0::/system.slice/docker.service"),
        both("docker.service", "")
    );
    assert_eq!(
        told("0::/system.slice/docker-cleanup.scope"),
        both("docker-cleanup.scope", "")
    );
    assert_eq!(told("0::/docker/buildkit"), both("", ""));
}

#[test]
fn what_is_no_such_text_tells_nothing() {
    for text in ["", "\n", "0:", "0::", "::::", "x"] {
        assert_eq!(told(text), both("", ""));
    }
    let Place {
        unit, container, ..
    } = read(b"0::/\xff\xfe.service\n");
    assert_eq!(unit, Some(Unit("\u{fffd}\u{fffd}.service".to_owned())));
    assert_eq!(container, None);
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        drop(read(&text));
    }

    #[test]
    fn no_path_panics(text in "0::(/(docker|lxc|kubepods|pod1|libpod|-|:|[a-f0-9]{12}|\\.scope|\\.service)*)*") {
        drop(read(text.as_bytes()));
    }
}
