//! What would be submitted, shown whole.

use std::fs;

use serde_json::json;

use crate::site::{KINDS, Site};
use crate::support::project::SMALL;

#[test]
fn a_dry_run_shows_everything_and_sends_nothing() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        let url = site.server.url.clone();
        site.point(
            &url,
            "price = { input = 300.0, output = 800.0, currency = \"EUR\" }",
        );
        site.second_plan();
        for number in 10..55 {
            let plan = SMALL.replace("EP-0007", &format!("EP-00{number}"));
            site.project.write(&format!("more/{number}.md"), plan);
        }
        site.project.write(
            "draft.md",
            SMALL.replace("EP-0007", "EP-0090").replace("Approved", "Draft"),
        );
        let would = site.json(
            0,
            &[
                "batch",
                "submit",
                ".",
                "--dry-run",
                "--json",
                "--max-requests",
                "40",
            ],
        );
        assert_eq!(
            (&would["dry_run"], &would["mark"]),
            (&json!(true), &json!(null)),
            "{kind}"
        );
        let steps = would["steps"].as_array().unwrap();
        assert_eq!((steps.len(), &would["requests"]), (47, &json!(47)), "{kind}");
        let first = &steps[0];
        assert_eq!(
            (&first["plan"], &first["step"], &first["attempt"]),
            (&json!("more/10.md"), &json!("1.1"), &json!(1)),
            "{kind}"
        );
        let tokens: u64 = steps.iter().map(|step| step["tokens"].as_u64().unwrap()).sum();
        assert_eq!(would["tokens"], tokens, "{kind}");
        assert!(would["cost"]["amount"].as_f64().unwrap() > 0.0, "{kind}: {would}");
        let batches = json!([{"id": null, "requests": 40}, {"id": null, "requests": 7}]);
        assert_eq!(would["batches"], batches, "{kind}");
        assert_eq!(would["left_out"].as_array().unwrap().len(), 1, "{kind}");
        // In words too: every plan, where a question names forty.
        let ran = site.run(0, &["batch", "submit", ".", "--dry-run"]);
        assert!(ran.err.contains("\n  plan.md: 1.1\n"), "{kind}: {}", ran.err);
        assert!(ran.err.contains("\n  more/54.md: 1.1\n"), "{kind}: {}", ran.err);
        assert!(
            ran.err
                .ends_with("nothing was submitted: this is what would be\n"),
            "{kind}: {}",
            ran.err
        );
        let ran = site.run(5, &["batch", "submit", "."]);
        assert!(
            ran.err.contains("and 7 plans more, which `--dry-run` lists"),
            "{kind}: {}",
            ran.err
        );
        assert_eq!(
            (site.batches().len(), site.asked("POST", "/v1/files")),
            (0, 0),
            "{kind}"
        );
        let left = fs::read_dir(site.project.state().join("batches"))
            .unwrap()
            .count();
        assert_eq!(left, 0, "{kind}");
        assert!(!site.run(0, &["log", "plan.md"]).out.contains("sent"), "{kind}");
        // What is submitted says the same of itself.
        let submitted = site.submit();
        assert_eq!(
            (&submitted["dry_run"], &submitted["steps"]),
            (&json!(false), &would["steps"]),
            "{kind}"
        );
    }
}

#[test]
fn a_dry_run_moves_no_record_and_needs_no_key() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        site.project.configure(&format!(
            "default = \"far\"\n[endpoint.far]\nkind = \"{kind}\"\nurl = \"{}\"\nmodel = \"m\"\nkey_env = \"NOT_SET\"\n",
            site.server.url
        ));
        let would = site.json(0, &["batch", "submit", ".", "--dry-run", "--json"]);
        assert_eq!(
            (&would["dry_run"], &would["requests"]),
            (&json!(true), &json!(1)),
            "{kind}"
        );
        let url = site.server.url.clone();
        site.point(&url, "");
        site.submit();
        // Nothing is left, and it is a dry run all the same.
        let would = site.json(0, &["batch", "submit", ".", "--dry-run", "--json"]);
        assert_eq!(
            (&would["dry_run"], &would["requests"]),
            (&json!(true), &json!(0)),
            "{kind}"
        );
        let root = site.project.root();
        fs::create_dir(root.join("approved")).unwrap();
        fs::rename(root.join("plan.md"), root.join("approved/plan.md")).unwrap();
        let was_moved = "`plan.md` was moved to `approved/plan.md`: what is on record of it";
        for _ in 0..2 {
            let ran = site.run(0, &["batch", "submit", ".", "--dry-run"]);
            let says = format!("{was_moved} goes along as soon as something is submitted");
            assert!(ran.err.contains(&says), "{kind}: {}", ran.err);
        }
        // It was left to this.
        let ran = site.run(0, &["batch", "submit", ".", "--yes"]);
        assert!(
            ran.err.contains(&format!("{was_moved} went along")),
            "{kind}: {}",
            ran.err
        );
        assert_eq!(site.batches().len(), 1, "{kind}");
    }
}
