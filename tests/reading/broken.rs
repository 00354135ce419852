//! Each refusal of a plan: the exit code, the place, what was found, what to do.

use crate::place::{PLAN, Place, Ran};

/// Runs every command on a plan and compares what is told on standard error. All of them refuse it alike.
fn refused(bytes: &[u8], expected: &str) {
    let place = Place::new();
    place.write("p.md", bytes);
    for args in [
        &["status", "p.md"][..],
        &["show", "p.md"],
        &["show", "--json", "p.md"],
    ] {
        let ran = place.run(args);
        assert_eq!((ran.code, ran.err.as_str()), (Some(3), expected), "{args:?}");
    }
    // The same text is what `lint` prints, with more after it.
    let ran = place.run(&["lint", "p.md"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.out.starts_with(expected), "{}", ran.out);
}

#[test]
fn an_empty_file() {
    let expected = "\
error[no-steps]: the plan has no steps
 --> p.md:1:1
  |
1 |
  | ^ the file is empty
  |
  = help: write each step as a heading such as `#### Step 1.1: Title`
";
    refused(b"", expected);
}

#[test]
fn a_file_without_steps_is_never_complete() {
    let expected = "\
error[no-steps]: the plan has no steps
 --> p.md:1:1
  |
1 | # Notes
  | ^ no heading `Step N.M: Title`
  |
  = help: write each step as a heading such as `#### Step 1.1: Title`
";
    refused(b"# Notes\n\n- [x] done\n", expected);
    let place = Place::new();
    place.write("p.md", "# Notes\n\n- [x] done\n");
    let Ran { out, .. } = place.run(&["status", "p.md", "--json"]);
    assert!(!out.contains("complete") && out.contains("no-steps"), "{out}");
}

#[test]
fn two_steps_of_one_number() {
    let expected = "\
error[duplicate-step]: there are two steps 1.1
  --> p.md:34:1
   |
34 | #### Step 1.1: The Minute Hand
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ step 1.1 again
   |
  ::: p.md:9:1
   |
 9 | #### Step 1.1: The Hour Hand
   | ---------------------------- the first one
   |
   = help: give one of them another number (the first is at line 9)
";
    let text = PLAN.replace("Step 1.2: The", "Step 1.1: The");
    refused(text.as_bytes(), expected);
}

#[test]
fn two_phases_of_one_number() {
    let expected = "\
error[duplicate-phase]: there are two phases 1
  --> p.md:60:1
   |
60 | ## Phase 1: Again
   | ^^^^^^^^^^^^^^^^^ phase 1 again
   |
  ::: p.md:7:1
   |
 7 | ## Phase 1: Hands
   | ----------------- the first one
   |
   = help: give one of them another number (the first is at line 7)
";
    refused(
        PLAN.replace("## Completion Criteria", "## Phase 1: Again")
            .as_bytes(),
        expected,
    );
}

#[test]
fn steps_that_wait_for_each_other() {
    let expected = "\
error[cycle]: steps wait for each other: step 1.1 → step 1.2 → step 1.1
  --> p.md:24:19
   |
24 | **Dependencies:** Step 1.2
   |                   ^^^^^^^^ this closes the circle
   |
   = help: take one of these dependencies out of the plan
";
    refused(
        PLAN.replace("**Dependencies:** None", "**Dependencies:** Step 1.2")
            .as_bytes(),
        expected,
    );
}

#[test]
fn a_phase_that_waits_for_itself() {
    let expected = "\
error[cycle]: steps wait for each other: step 1.1 → phase 1 → step 1.1
 --> p.md:8:19
  |
8 | **Dependencies:** Phase 1 completion
  |                   ^^^^^^^^^^^^^^^^^^ this closes the circle
  |
  = help: take one of these dependencies out of the plan
";
    let text = PLAN.replace(
        "## Phase 1: Hands\n",
        "## Phase 1: Hands\n**Dependencies:** Phase 1 completion\n",
    );
    refused(text.as_bytes(), expected);
}

#[test]
fn a_dependency_on_what_is_not_there() {
    let expected = "\
error[unknown-step]: a dependency names step 7.7, which is not in the plan
  --> p.md:24:19
   |
24 | **Dependencies:** Step 7.7
   |                   ^^^^^^^^ no heading `Step 7.7: …`
   |
   = help: correct the number, or add the step
";
    refused(
        PLAN.replace("**Dependencies:** None", "**Dependencies:** Step 7.7")
            .as_bytes(),
        expected,
    );
    let expected = "\
error[unknown-phase]: a dependency names phase 9, which is not in the plan
  --> p.md:24:19
   |
24 | **Dependencies:** Phase 9 completion
   |                   ^^^^^^^^^^^^^^^^^^ no heading `Phase 9: …`
   |
   = help: correct the number, or add the phase
";
    refused(
        PLAN.replace("**Dependencies:** None", "**Dependencies:** Phase 9 completion")
            .as_bytes(),
        expected,
    );
}

#[test]
fn a_fence_that_is_never_closed() {
    let expected = "\
error[unclosed-fence]: a fence is opened and never closed
  --> p.md:63:1
   |
63 | ```sh
   | ^^^^^ everything after this line is code
   |
   = help: close it with a line of as many backticks or tildes
";
    refused(
        format!("{PLAN}```sh\n#### Step 1.1: Swallowed\n").as_bytes(),
        expected,
    );
}

#[test]
fn a_comment_that_is_never_closed() {
    let expected = "\
error[unclosed-comment]: an HTML comment is opened and never closed
  --> p.md:64:1
   |
64 | <!-- to be done
   | ^^^^^^^^^^^^^^^ everything after this line is hidden
   |
   = help: close it with `-->`
";
    refused(
        format!("{PLAN}\n<!-- to be done\n#### Step 1.1: Swallowed\n").as_bytes(),
        expected,
    );
}

/// What is no text cannot be shown: nothing comes on standard output.
fn unreadable(bytes: &[u8], expected: &str) {
    let place = Place::new();
    place.write("p.md", bytes);
    for args in [
        &["status", "p.md"][..],
        &["show", "p.md"],
        &["show", "p.md", "1.1"],
        &["show", "--json", "p.md"],
    ] {
        let expected = Ran {
            code: Some(3),
            out: String::new(),
            err: expected.to_owned(),
        };
        assert_eq!(place.run(args), expected, "{args:?}");
    }
    let ran = place.run(&["lint", "p.md"]);
    let told = (ran.code, ran.out.as_str(), ran.err.as_str());
    assert_eq!(
        told,
        (
            Some(3),
            format!("{expected}\n").as_str(),
            "1 error, 0 warnings in 1 plan\n"
        )
    );
}

#[test]
fn bytes_that_are_no_text() {
    let expected = "\
error[not-utf8]: the file is not UTF-8 text
  --> p.md:65:2
   |
65 | a�b
   |  ^ the byte 0xff at offset 1012
   |
   = help: save the file as UTF-8
";
    let bytes = [PLAN.as_bytes(), b"\n\na\xffb\n"].concat();
    unreadable(&bytes, &expected.replace("1012", &(PLAN.len() + 3).to_string()));
    let expected = "\
error[nul-byte]: the file holds a NUL byte, so it is not text
 --> p.md:2:2
  |
2 | b\\u{0}c
  |  ^ NUL at offset 3
";
    unreadable(b"a\nb\0c\n", expected);
}
