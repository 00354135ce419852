use super::*;

#[test]
fn a_proxy_is_the_environments_and_never_for_this_machine() {
    let of = |url: &str, variables: &[(&str, &str)]| {
        let environment = variables.iter().copied().collect();
        let proxy = Proxy::of(&Url::parse(url).unwrap(), &environment);
        proxy.map(|proxy| format!("{} {}", proxy.shown, proxy.origin))
    };
    let all = [
        ("http_proxy", "http://1:1"),
        ("HTTP_PROXY", "http://2:2"),
        ("https_proxy", "http://3:3"),
        ("HTTPS_PROXY", "http://4:4"),
        ("all_proxy", "socks5h://5:5"),
        ("ALL_PROXY", "http://6:6"),
        ("no_proxy", "inner"),
        ("NO_PROXY", "*"),
    ];
    // What is left of all of them, and the variable that is taken for each of the two.
    let table: [(&[&str], Option<&str>, Option<&str>); 8] = [
        (&[], Some("http_proxy"), Some("https_proxy")),
        (
            &["http_proxy", "https_proxy"],
            Some("all_proxy"),
            Some("HTTPS_PROXY"),
        ),
        (
            &["https_proxy", "HTTPS_PROXY"],
            Some("http_proxy"),
            Some("all_proxy"),
        ),
        (
            &["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"],
            Some("ALL_PROXY"),
            Some("ALL_PROXY"),
        ),
        (
            &[
                "http_proxy",
                "https_proxy",
                "HTTPS_PROXY",
                "all_proxy",
                "ALL_PROXY",
            ],
            None,
            None,
        ),
        (&["no_proxy"], None, None),
        (&["no_proxy", "NO_PROXY"], Some("http_proxy"), Some("https_proxy")),
        (&["NO_PROXY"], Some("http_proxy"), Some("https_proxy")),
    ];
    for (without, plain, https) in table {
        let set: Vec<_> = all
            .into_iter()
            .filter(|(name, _)| !without.contains(name))
            .collect();
        for (url, expected) in [("http://lan.example", plain), ("https://10.0.0.1", https)] {
            let chosen = of(url, &set);
            let name = chosen
                .as_deref()
                .and_then(|chosen| Some(chosen.split_once('`')?.1.trim_end_matches('`')));
            assert_eq!(name, expected, "{url} without {without:?}");
        }
    }
    let proxies = [
        ("HTTPS_PROXY", "http://me:secret@proxy:3128"),
        ("http_proxy", "plain:80"),
        ("NO_PROXY", "inner.example"),
    ];
    let https = "http://proxy:3128 environment variable `HTTPS_PROXY`";
    let plain = "http://plain:80 environment variable `http_proxy`";
    assert_eq!(of("https://api.example/v1", &proxies).as_deref(), Some(https));
    assert_eq!(of("http://lan.example/v1", &proxies).as_deref(), Some(plain));
    for direct in [
        "https://a.inner.example/v1",
        "http://127.0.0.9/v1",
        "http://localhost:1/v1",
        "http://[::1]/v1",
    ] {
        assert_eq!(of(direct, &proxies), None, "{direct}");
    }
    assert_eq!(of("https://api.example/v1", &[]), None);
}
