//! Whole replies.

use super::{edits, model, one_step, say, tree};

const PLAN: &str = "\
# EP-7: A Pot of Tea - Implementation Plan

**Requirements Document:** `docs/wishes.md`
**Design Document:** [the design](EP-7-design.md)

## Phase 1: Water

#### Step 1.1: Boil
**Goal:** Bring water to the boil

**Files to Create/Modify:**
- `src/kettle.py` (new)
- `src/stove.py` (modify - add the `boil` command)
- `src/cold.py` (delete)
- `README.md` (modify)

**AI Prompt:** `Carry out step 1.1`

**Tasks:**
- [ ] Fill the kettle
- [x] ```not a fence path=x
- [ ] `heat` it

#### Step 1.2: Wait
**AI Prompt:** `Carry out step 1.2`
";

#[test]
fn a_step_with_new_changed_and_deleted_files() {
    let tree = tree(&[
        ("src/stove.py", "HOT = True"),
        ("src/cold.py", "x = 1\n"),
        ("README.md", "# Tea\n\n```sh\nmake tea\n```\n"),
    ]);
    let expected = "\
This is step 1.1 of EP-7, Boil. Its goal: Bring water to the boil

I am the mock model of the plan: I show where the work would go, and do none of it.

To carry it out I would:

- Fill the kettle
- \"```not a fence path=x\"
- \"`heat` it\"

The files that it names:

- `src/kettle.py` (the plan: new): new, with no more in it than makes it valid
- `src/stove.py` (the plan: modify, add the `boil` command): as it is, with a word about the step
- `src/cold.py` (the plan: delete): no edit: it goes, and a file edit cannot say so
- `README.md` (the plan: modify): as it is, with a word about the step

```python path=src/kettle.py
# EP-7, step 1.1: Bring water to the boil
```

```python path=src/stove.py
HOT = True
# EP-7, step 1.1: Bring water to the boil
```

````markdown path=README.md
# Tea

```sh
make tea
```

<!-- EP-7, step 1.1: Bring water to the boil -->
````
";
    assert_eq!(say(&model(PLAN), "1.1", &tree), expected);
}

#[test]
fn a_step_that_was_carried_out_changes_nothing() {
    let model = model(PLAN);
    let mut tree = tree(&[("src/stove.py", "HOT = True"), ("README.md", "# Tea\n")]);
    tree.extend(edits(&say(&model, "1.1", &tree)));
    let again = say(&model, "1.1", &tree);
    assert_eq!(edits(&again), super::Tree::new());
    let files = again.split("The files that it names:\n\n").nth(1).unwrap();
    let expected = "\
- `src/kettle.py` (the plan: new): it already has what the step asks for
- `src/stove.py` (the plan: modify, add the `boil` command): it already has what the step asks for
- `src/cold.py` (the plan: delete): no edit: it goes, and a file edit cannot say so
- `README.md` (the plan: modify): it already has what the step asks for
";
    assert_eq!(files, expected);
}

#[test]
fn a_step_that_says_little() {
    let expected = "\
This is step 1.2 of EP-7, Wait.

I am the mock model of the plan: I show where the work would go, and do none of it.

The step names no files, so there is nothing to change.
";
    assert_eq!(say(&model(PLAN), "1.2", &tree(&[])), expected);
}

#[test]
fn a_step_that_is_not_there() {
    assert_eq!(model(PLAN).say("1.3", &|_| None), None);
    assert_eq!(model(PLAN).say("", &|_| None), None);
}

#[test]
fn what_is_no_path_of_a_file_is_left_in_words() {
    let table = [
        (
            "`src/x/` (new directory)",
            "`src/x/` (the plan: new, directory)",
            FOLDER,
        ),
        (
            "`src/x` (new directory)",
            "`src/x` (the plan: new, directory)",
            FOLDER,
        ),
        (
            "`src/**/*.py` (modify)",
            "`src/**/*.py` (the plan: modify)",
            PATTERN,
        ),
        ("`app/[name].py`", "`app/[name].py`", PATTERN),
        ("`a b.txt` (new)", "`a b.txt` (the plan: new)", DOUBTFUL),
        ("`a.txt (new)`", "`a.txt (new)`", DOUBTFUL),
        ("`` a`b.txt ``", "\"a`b.txt\"", DOUBTFUL),
        ("`/etc/passwd` (new)", "`/etc/passwd` (the plan: new)", ROOT),
        ("`~/x.py`", "`~/x.py`", ROOT),
        ("`C:\\x.py`", "`C:\\x.py`", ROOT),
        ("`src/../../x.py`", "`src/../../x.py`", DOTS),
        ("`a//b.py`", "`a//b.py`", DOTS),
        (
            "`x/.GIT/hooks/y`",
            "`x/.GIT/hooks/y`",
            "a file edit may not lead there",
        ),
        ("`logo.PNG` (new)", "`logo.PNG` (the plan: new)", "it is no text"),
        (
            "`uv.lock` (modify)",
            "`uv.lock` (the plan: modify)",
            "it is not written by hand: a tool makes it",
        ),
        (
            "`a.py` (move)",
            "`a.py` (the plan: move)",
            "it moves, and a file edit cannot say so",
        ),
        (
            "`docs/EP-7-plan.md` (modify)",
            "`docs/EP-7-plan.md` (the plan: modify)",
            OWN,
        ),
        ("`./docs/ep-7-PLAN.md`", "`./docs/ep-7-PLAN.md`", OWN),
        ("`old/EP-7-design.md`", "`old/EP-7-design.md`", OWN),
    ];
    for (written, shown, why) in table {
        let reply = say(&one_step(&[written]), "1.1", &tree(&[]));
        let files = reply.split("The files that it names:\n\n").nth(1).unwrap();
        assert_eq!(files, format!("- {shown}: no edit: {why}\n"), "{written}");
    }
}

const FOLDER: &str = "it is a folder, and comes to be with the first file in it";
const PATTERN: &str = "it is a pattern and no path";
const DOUBTFUL: &str = "a blank or a sign in it makes it doubtful what the path is";
const ROOT: &str = "only a path from the root of the repository can be followed";
const DOTS: &str = "only a path without `.` and `..` can be followed";
const OWN: &str = "it belongs to the plan, and is not the model's to write";

#[test]
fn documents_of_the_plan_wherever_the_header_finds_them() {
    for (header, own) in [
        ("`docs/wishes.md`", "docs/wishes.md"),
        ("[wishes](more/w%69shes.md#top)", "docs/more/wishes.md"),
        ("[wishes](../wishes.md)", "wishes.md"),
        ("`wishes.md`", "docs/wishes.md"),
    ] {
        let text = format!(
            "# EP-7: Tea\n\n**Requirements Document:** {header}\n\n## Phase 1: All\n\n#### Step 1.1: Brew\n\
             **Files:**\n- `{own}` (modify)\n- `src/wishes.rs` (new)\n"
        );
        let reply = say(&model(&text), "1.1", &tree(&[]));
        let paths: Vec<String> = edits(&reply).into_keys().collect();
        assert_eq!(paths, ["src/wishes.rs"], "{header}");
    }
}

#[test]
fn files_that_get_in_each_other_s_way() {
    let model = one_step(&[
        "`src/app`",
        "`src/app/x.txt` (new)",
        "`./SRC/app/X.txt`",
        "./y.txt (new)",
    ]);
    let reply = say(&model, "1.1", &tree(&[]));
    let files = reply.split("The files that it names:\n\n").nth(1).unwrap();
    let expected = format!(
        "- `src/app`: no edit: {FOLDER}\n\
         - `src/app/x.txt` (the plan: new): new, with no more in it than makes it valid\n\
         - `./SRC/app/X.txt`: no edit: the step names it twice\n\
         - `./y.txt` (the plan: new): new, with no more in it than makes it valid\n\n\
         ```text path=src/app/x.txt\nEP-7, step 1.1: Brew it\n```\n\n\
         ```text path=y.txt\nEP-7, step 1.1: Brew it\n```\n"
    );
    assert_eq!(files, expected);
}
