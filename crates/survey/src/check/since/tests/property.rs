//! What is so of any check.

use super::*;

fn any_listener() -> impl Strategy<Value = Listener> {
    let owners = proptest::collection::vec((any::<u32>(), any::<String>()), 0..3);
    let at = (any::<IpAddr>(), 0_u16..6);
    let transport = proptest::sample::select(Transport::ALL.to_vec());
    (transport, at, owners).prop_map(|(transport, (address, port), owners)| {
        let mut listener = Listener::new(transport, SocketAddr::new(address, port));
        listener.owners = owners
            .into_iter()
            .map(|(pid, program)| Owner {
                pid,
                program,
                ..Owner::default()
            })
            .collect();
        listener
    })
}

fn any_violation() -> impl Strategy<Value = Violation> {
    let kind = proptest::sample::select(ViolationKind::ALL.to_vec());
    let ports = (0_u16..6, 0_u16..4).prop_map(|(first, more)| (first, first + more));
    (
        any::<String>(),
        kind,
        ports,
        proptest::option::of(any_listener()),
        proptest::option::of(1_u64..4),
    )
        .prop_map(|(rule, kind, (first, last), listener, record)| {
            let own = listener.as_ref().map(|l| PortRange::single(l.port));
            Violation {
                kind,
                rule,
                ports: own.or(PortRange::new(first, last)).unwrap(),
                transport: listener.as_ref().map(|l| l.transport),
                listener,
                origin: match record {
                    Some(_) => Basis::Site(record.map(Citation::Record)),
                    None => origin().into(),
                },
                ..unlisted(Listener::new(Transport::Tcp, "[::]:1".parse().unwrap()))
            }
        })
}

fn any_check() -> impl Strategy<Value = Check> {
    let some = || proptest::collection::vec(any_violation(), 0..6);
    (some(), some()).prop_map(|(violations, blind)| {
        let unseen = blind.into_iter().map(|v| UnseenRule {
            rule: v.rule,
            origin: v.origin,
            ports: v.ports,
            transport: v.transport,
            listener: v.listener,
            because: v.because,
        });
        check(violations, unseen.collect())
    })
}

proptest! {
    #[test]
    fn a_check_has_nothing_new_against_itself_in_any_order(check in any_check()) {
        let mut turned = check.clone();
        turned.violations.reverse();
        turned.unseen.reverse();
        let answer = since(&turned, &earlier(&check));
        prop_assert!(answer.new.is_clean());
        prop_assert_eq!(answer.known.violations.len(), check.violations.len());
        prop_assert_eq!(answer.known.unseen.len(), check.unseen.len());
        prop_assert_eq!(answer.gone, 0);
    }

    #[test]
    fn everything_is_either_new_or_known(now in any_check(), before in any_check()) {
        let answer = since(&now, &earlier(&before));
        let told = answer.new.violations.len() + answer.new.unseen.len();
        let known = answer.known.violations.len() + answer.known.unseen.len();
        prop_assert_eq!(told + known, now.violations.len() + now.unseen.len());
        let identities: HashSet<Identity> = before
            .violations
            .iter()
            .map(Identity::of_violation)
            .chain(before.unseen.iter().map(Identity::of_unseen))
            .collect();
        prop_assert!(answer.new.violations.iter().all(|v| !identities.contains(&Identity::of_violation(v))));
        prop_assert!(answer.gone <= identities.len());
    }

    #[test]
    fn no_bytes_bring_it_down(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Earlier::read(&*bytes).is_err());
    }
}
