//! `status`: how far plans are.

use crate::place::{PLAN, Place, Ran, json};

/// A plan of which all is done.
fn done() -> String {
    PLAN.replace("[ ]", "[x]")
        .replace("EP-0007: A Clock", "EP-0008: Done")
}

#[test]
fn one_plan_is_a_tree() {
    let expected = "\
EP-0007: A Clock - Implementation Plan
p.md · Approved
█░░░░░░░░░ 1 of 7 boxes · 0 of 2 steps

Phase 1: Hands                █░░░░░░░░░     1/6
├─ ▶ 1.1 The Hour Hand        ███░░░░░░░     1/3  ready
├─ · 1.2 The Minute Hand      ░░░░░░░░░░     0/2  waits for step 1.1
└─   completion criteria      ░░░░░░░░░░     0/1

Outside the steps             ░░░░░░░░░░     0/1
└─   Completion Criteria      ░░░░░░░░░░     0/1

next: step 1.1 The Hour Hand
";
    let place = Place::new();
    place.write("p.md", PLAN);
    let expected = Ran {
        code: Some(0),
        out: expected.to_owned(),
        err: String::new(),
    };
    assert_eq!(place.run(&["status", "p.md"]), expected);
}

#[test]
fn says_what_is_next() {
    let place = Place::new();
    let last = |text: &str| {
        let out = place.write("p.md", text).run(&["status", "p.md"]).out;
        out.rsplit("\n\n").next().unwrap().to_owned()
    };
    // A step is asked for with what a person must confirm.
    let second = PLAN
        .replace("[ ] Fix it", "[x] Fix it")
        .replace("[ ] It turns\n", "[x] It turns\n");
    assert_eq!(
        last(&second),
        "next: step 1.2 The Minute Hand\n      confirm first: A second pair of hands\n"
    );
    assert_eq!(last(&done()), "complete\n");
    let open = done().replace("[x] It tells", "[ ] It tells");
    assert_eq!(
        last(&open),
        "every step is done; 1 boxes are open outside the steps\n"
    );
    // The next phase waits for the criteria of this one.
    let phase = "## Phase 2: Bell\n\n### Step 2.1: Ring\n**Tasks:**\n- [ ] Ring\n\n## Completion Criteria";
    let waits = done()
        .replace("[x] Both turn", "[ ] Both turn")
        .replace("## Completion Criteria", phase);
    assert_eq!(
        last(&waits),
        "no step may run: each waits for what is named above\n"
    );
    let out = place.run(&["status", "p.md"]).out;
    assert!(
        out.contains("Phase 2: Bell") && out.contains("0/1  waits for phase 1\n"),
        "{out}"
    );
}

#[test]
fn a_folder_is_a_line_a_plan() {
    let place = Place::new();
    place
        .write("b/plan.md", PLAN)
        .write("a.md", done())
        .write("b/README.md", "# Read me\n\n- [ ] a box\n");
    place
        .write("c.md", PLAN.replace("Step 1.2: The", "Step 1.1: The"))
        .write("d.md", "");
    place
        .write("e.md", b"# Step 9 \xff\n")
        .write("f.md", b"\xff\n### Step 1.1: No text\n");
    place
        .write("out/ignored.md", PLAN)
        .write(".gitignore", "out/\n")
        .write("z.txt", PLAN);
    let out = "\
a.md       EP-0008  Approved  ██████████  7/7 boxes  2/2 steps  complete
b/plan.md  EP-0007  Approved  █░░░░░░░░░  1/7 boxes  0/2 steps  next: step 1.1
c.md       EP-0007  Approved  █░░░░░░░░░  1/7 boxes  0/2 steps  error[duplicate-step]: there are two steps 1.1 (line 34)
f.md       error[not-utf8]: the file is not UTF-8 text (line 1)
";
    let err = "\
error[duplicate-step]: there are two steps 1.1
  --> c.md:34:1
   |
34 | #### Step 1.1: The Minute Hand
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ step 1.1 again
   |
  ::: c.md:9:1
   |
 9 | #### Step 1.1: The Hour Hand
   | ---------------------------- the first one
   |
   = help: give one of them another number (the first is at line 9)

error[not-utf8]: the file is not UTF-8 text
 --> f.md:1:1
  |
1 | �
  | ^ the byte 0xff at offset 0
  |
  = help: save the file as UTF-8
";
    let expected = Ran {
        code: Some(3),
        out: out.to_owned(),
        err: err.to_owned(),
    };
    assert_eq!(place.run(&["status"]), expected);
    assert_eq!(place.run(&["status", "."]), expected);
    // A file that is named is held to be a plan.
    let ran = place.run(&["status", "a.md", "d.md"]);
    assert_eq!(ran.code, Some(3));
    assert!(
        ran.out
            .ends_with("error[no-steps]: the plan has no steps (line 1)\n"),
        "{}",
        ran.out
    );
}

#[test]
fn a_document_for_programs() {
    let place = Place::new();
    place
        .write("a.md", PLAN)
        .write("b.md", PLAN.replace("Step 1.2: The", "Step 1.1: The"));
    let ran = place.run(&["status", "--json", "a.md", "b.md", "no.md"]);
    assert_eq!(ran.code, Some(3));
    let plan = |path: &str| {
        serde_json::json!({
            "path": path, "id": "EP-0007", "title": "EP-0007: A Clock - Implementation Plan", "status": "Approved",
            "boxes": {"done": 1, "total": 7}, "steps": {"done": 0, "total": 2}, "next": "1.1",
            "blocked": [{"step": "1.2", "by": ["step 1.1"]}], "escalated": [], "waiting": [], "problem": null
        })
    };
    let mut second = plan("b.md");
    second["next"] = serde_json::Value::Null;
    second["blocked"] = serde_json::json!([{"step": "1.1", "by": ["step 1.1"]}]);
    second["problem"] = serde_json::json!({
        "rule": "duplicate-step", "message": "there are two steps 1.1", "line": 34, "column": 1
    });
    let third = serde_json::json!({
        "path": "no.md", "id": null, "title": null, "status": null, "boxes": null, "steps": null, "next": null,
        "blocked": [], "escalated": [], "waiting": [],
        "problem": {"rule": "not-found", "message": "there is no file `no.md`", "line": null, "column": null}
    });
    let expected = serde_json::json!({"schema": "stepgate.status/1", "plans": [plan("a.md"), second, third], "templates": []});
    assert_eq!(json(&ran), expected);
}

#[test]
fn every_byte_of_the_plan_is_left() {
    let place = Place::new();
    place.write("p.md", PLAN);
    for args in [&["status", "p.md"][..], &["show", "p.md"], &["lint", "p.md"]] {
        place.run(args);
    }
    assert_eq!(std::fs::read(place.path("p.md")).unwrap(), PLAN.as_bytes());
    assert_eq!(std::fs::read_dir(place.path("../home")).unwrap().count(), 0);
}
