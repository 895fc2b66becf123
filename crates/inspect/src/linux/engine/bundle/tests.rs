use super::*;

const ID: &str = "5da394374d7ff9b32df9d2ac5e4d8b866899957fafaffb988955e2b72e5808b8";

/// Roots below a folder, with one file in it.
fn roots(file: &str, text: &str) -> (tempfile::TempDir, Roots) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    let roots = Roots {
        containerd: folder.path().join("containerd"),
        crio: folder.path().join("crio"),
        podman: vec![
            folder.path().join("absent.json"),
            folder.path().join("containers.json"),
        ],
    };
    (folder, roots)
}

fn told(runtime: &'static str, name: &str, image: &str, pod: Option<&str>) -> Found {
    Found::Told(Told {
        runtime: Some(runtime),
        name: Some(name.to_owned()),
        image: Some(image.to_owned()),
        pod: pod.map(str::to_owned),
    })
}

#[test]
fn containerds_annotations_name_container_image_and_pod() {
    let (_folder, roots) = roots(
        &format!("containerd/k8s.io/{ID}/config.json"),
        r#"{"ociVersion":"1.1.0","process":{"args":["nginx"]},"annotations":{
            "io.kubernetes.cri.container-name":"web","io.kubernetes.cri.container-type":"container",
            "io.kubernetes.cri.image-name":"docker.io/library/nginx:1",
            "io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.sandbox-namespace":"shop"}}"#,
    );
    let expected = told(
        "containerd",
        "web",
        "docker.io/library/nginx:1",
        Some("shop/web-0"),
    );
    assert_eq!(roots.find("containerd", ID), expected);
    assert_eq!(roots.find("kubernetes", ID), expected);
    assert_eq!(roots.find("cri-o", ID), Found::Nothing);
    assert_eq!(roots.find("docker", ID), Found::Nothing);
}

#[test]
fn a_pods_own_container_is_its_sandbox() {
    let (_folder, roots) = roots(
        &format!("containerd/k8s.io/{ID}/config.json"),
        r#"{"annotations":{"io.kubernetes.cri.container-type":"sandbox",
            "io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.sandbox-namespace":"shop"}}"#,
    );
    let Found::Told(told) = roots.find("containerd", ID) else {
        panic!("nothing found")
    };
    assert_eq!(
        (told.name.as_deref(), told.pod.as_deref()),
        (Some("sandbox"), Some("shop/web-0"))
    );
}

#[test]
fn crios_annotations_name_container_image_and_pod() {
    let (_folder, roots) = roots(
        &format!("crio/{ID}/userdata/config.json"),
        r#"{"annotations":{"io.kubernetes.container.name":"web",
            "io.kubernetes.cri-o.ContainerType":"container",
            "io.kubernetes.cri-o.ImageName":"quay.io/web:2",
            "io.kubernetes.pod.name":"web-0","io.kubernetes.pod.namespace":"shop"}}"#,
    );
    let expected = told("cri-o", "web", "quay.io/web:2", Some("shop/web-0"));
    assert_eq!(roots.find("cri-o", ID), expected);
    assert_eq!(roots.find("kubernetes", ID), expected);
}

#[test]
fn podmans_list_names_container_and_image() {
    let text = format!(
        r#"[{{"id":"0000","names":["other"]}},{{"id":"{ID}","names":["db"],"image":"a2603c",
            "metadata":"{{\"image-name\":\"docker.io/library/postgres:15\",\"name\":\"db\"}}"}}]"#
    );
    let (_folder, roots) = roots("containers.json", &text);
    let expected = told("podman", "db", "docker.io/library/postgres:15", None);
    assert_eq!(roots.find("podman", ID), expected);
    assert_eq!(roots.find("podman", &ID.replace('5', "6")), Found::Nothing);
}

#[test]
fn what_makes_no_sense_names_nothing() {
    let file = format!("containerd/default/{ID}/config.json");
    for text in [
        "",
        "{}",
        "[]",
        r#"{"annotations":null}"#,
        r#"{"annotations":{"a":1}}"#,
    ] {
        let (_folder, roots) = roots(&file, text);
        assert_eq!(roots.find("containerd", ID), Found::Nothing, "{text}");
    }
    let long = format!("{}{{}}", " ".repeat(MOST_BYTES as usize));
    let (_folder, roots) = roots(&file, &long);
    assert_eq!(roots.find("containerd", ID), Found::Nothing);
    for id in ["", "..", "../default", "a/b", "a\0b"] {
        assert_eq!(roots.find("containerd", id), Found::Nothing, "{id:?}");
    }
}
