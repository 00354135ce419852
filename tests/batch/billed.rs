//! What batches cost: at batch price on record, told apart from sessions, and limited before anything goes out.

use serde_json::{Value, json};

use crate::site::{KINDS, Site, scenario};

const PRICED: &str = "price = { input = 300.0, output = 800.0, currency = \"EUR\" }";

fn priced(kind: &'static str, scenario: &str, more: &str) -> Site {
    let mut site = Site::of(kind, scenario);
    let url = site.server.url.clone();
    site.point(&url, more);
    site
}

/// What the tokens cost at half of the price.
fn half(usage: &Value) -> f64 {
    let tokens = |name: &str| usage[name].as_f64().unwrap();
    // What is not said costs what it would without a cache.
    let cost = (tokens("input") * 150.0 + tokens("output") * 400.0) / 1e6;
    (cost * 1e9).round() / 1e9
}

#[test]
fn a_reply_by_batch_costs_the_batch_price_and_is_told_apart() {
    for kind in KINDS {
        let site = priced(kind, &scenario(""), PRICED);
        site.submit();
        site.wait();
        let home = site.fetch(0);
        let landed = &home["batches"][0]["landed"];
        let usage = &landed["usage"];
        assert!(usage["input"].as_u64().unwrap() > 100, "{kind}: {home}");
        let cost = json!({"amount": half(usage), "currency": "EUR"});
        assert_eq!(home["batches"][0]["cost"], cost, "{kind}: {home}");
        let log = site.run(0, &["log", "plan.md", "--json"]).out;
        let records = log
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let reply = records
            .into_iter()
            .find(|record| record["what"] == "reply")
            .unwrap();
        assert_eq!((&reply["cost"], &reply["usage"]), (&cost, usage), "{kind}");
        // The session that goes on with it spends nothing, and tells what came by batch.
        let ran = site.run(0, &["run", "plan.md", "--unattended", "--until", "1.1", "--json"]);
        let ended: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
        let by_batch = json!({
            "requests": 1, "input": usage["input"], "cached": usage["cached"], "output": usage["output"], "cost": cost,
        });
        assert_eq!(
            (&ended["spent"]["requests"], &ended["by_batch"]),
            (&json!(0), &by_batch),
            "{kind}: {ended}"
        );
        assert!(
            ran.err.contains("by batch, for this plan: 1 request: "),
            "{}",
            ran.err
        );
        // The second step goes without a batch.
        site.run(0, &["run", "plan.md", "--unattended", "--attest"]);
        let ran = site.run(0, &["log", "plan.md"]);
        for line in ["by sessions: 1 request: ", "by batch: 1 request: "] {
            assert!(ran.err.contains(line), "{kind}: {}", ran.err);
        }
        let ran = site.run(0, &["log", "plan.md", "1.2"]);
        assert!(!ran.err.contains("by batch"), "{kind}: {}", ran.err);
    }
}

#[test]
fn a_reply_that_is_no_use_is_paid_for_all_the_same() {
    let cut = "[[rule]]\ndescription = \"cut\"\nwhen = { step = \"1.1\" }\n[[rule.reply]]\ntext = \"half\"\nfinish = \"length\"\n";
    for kind in KINDS {
        let site = priced(kind, &format!("description = \"for a test\"\n{cut}"), PRICED);
        site.submit();
        site.wait();
        let home = site.fetch(8);
        let batch = &home["batches"][0];
        assert_eq!(batch["landed"]["unusable"], 1, "{kind}: {home}");
        let cost = json!({"amount": half(&batch["landed"]["usage"]), "currency": "EUR"});
        assert_eq!(batch["cost"], cost, "{kind}: {home}");
        let ran = site.run(0, &["log", "plan.md"]);
        assert!(ran.err.contains("by batch: 1 request: "), "{kind}: {}", ran.err);
    }
}

#[test]
fn what_might_pass_a_limit_is_not_submitted() {
    let submit = ["batch", "submit", ".", "--yes"];
    for kind in KINDS {
        let site = priced(kind, &scenario(""), &format!("{PRICED}\nmax_tokens = 1000"));
        site.second_plan();
        let refused = |site: &Site, more: &[&str], why: &str| {
            let ran = site.run(6, &[&submit[..], more].concat());
            assert!(ran.err.contains(why), "{kind} `{why}`: {}", ran.err);
            assert!(ran.err.contains("nothing was submitted"), "{kind}: {}", ran.err);
        };
        // Two replies of a thousand tokens are 0.8, and the prompts come on top.
        refused(
            &site,
            &["--max-cost", "0.8"],
            "2 requests would pass the limit of 0.8000 EUR, which `--max-cost` sets",
        );
        refused(
            &site,
            &["--max-tokens", "2000"],
            "2 requests would pass the limit of 2000 tokens, which `--max-tokens` sets",
        );
        site.project
            .write("stepgate.toml", "[budget]\nmax_tokens = 2000\n");
        refused(&site, &["--max-tokens", "1000000"], "stepgate.toml");
        site.project.write("stepgate.toml", "[budget]\nmax_cost = 0.8\n");
        refused(&site, &[], "stepgate.toml");
        assert_eq!(site.batches().len(), 0, "{kind}");
        assert!(
            !site.run(0, &["log", "plan.md"]).out.contains("given to"),
            "{kind}"
        );
        // One of them fits.
        site.run(
            0,
            &[
                "batch",
                "submit",
                "plan.md",
                "--yes",
                "--max-cost",
                "0.8",
                "--max-tokens",
                "3000",
            ],
        );
        assert_eq!(site.batches().len(), 1, "{kind}");
    }
    let site = priced("openai", &scenario(""), "");
    let ran = site.run(6, &[&submit[..], &["--max-cost", "5"]].concat());
    assert!(ran.err.contains("has no price"), "{}", ran.err);
    site.project.write("stepgate.toml", "[budget]\nmax_cost = 0.8\n");
    let ran = site.run(0, &submit);
    assert!(ran.err.contains("is not kept"), "{}", ran.err);
}

#[test]
fn money_is_told_in_its_currency_before_and_after_however_small_it_is() {
    for kind in KINDS {
        let small = "price = { input = 0.002, output = 0.8, currency = \"EUR\" }";
        let site = priced(kind, &scenario(""), small);
        let ran = site.run(5, &["batch", "submit", "."]);
        let shown = ran.err.split("about ").last().unwrap();
        assert!(shown.contains(" EUR at batch price"), "{kind}: {shown}");
        assert!(!shown.starts_with("0.00 "), "{kind}: {shown}");
        assert!(
            shown.contains("0.4000 EUR per million tokens of replies on top"),
            "{kind}: {shown}"
        );
        let submitted = site.submit();
        let tokens = submitted["tokens"].as_f64().unwrap();
        let amount = (tokens * 0.001 / 1e6 * 1e9).round() / 1e9;
        assert!(amount > 0.0);
        assert_eq!(
            submitted["cost"],
            json!({"amount": amount, "currency": "EUR"}),
            "{kind}: {submitted}"
        );
    }
}

#[test]
fn a_limit_that_replies_may_pass_is_refused_and_a_repositorys_is_told() {
    // The other kind has a limit of its own.
    let site = priced("openai", &scenario(""), PRICED);
    for (flag, value) in [("--max-cost", "100"), ("--max-tokens", "1000000")] {
        let ran = site.run(2, &["batch", "submit", ".", "--yes", flag, value]);
        for text in [
            format!("`{flag}` cannot be kept: nothing limits the replies of endpoint `far`"),
            "set `max_tokens` in `[endpoint.far]`".to_owned(),
        ] {
            assert!(ran.err.contains(&text), "{}", ran.err);
        }
    }
    assert_eq!(site.batches().len(), 0);
    site.project
        .write("stepgate.toml", "[budget]\nmax_cost = 100.0\n");
    let ran = site.run(0, &["batch", "submit", ".", "--yes"]);
    assert!(
        ran.err.contains("is kept for prompts only: set `max_tokens`"),
        "{}",
        ran.err
    );
    assert_eq!(site.batches().len(), 1);
}
