use super::{Number, Phase, Plan, Step};

/// How far a plan is, by its own boxes.
#[derive(Debug)]
pub struct Progress<'a> {
    plan: &'a Plan,
    steps: Done,
    phases: Done,
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// All boxes among its tasks and criteria are ticked.
    Done,
    /// What it depends on is done.
    Ready,
    /// It waits for these.
    Blocked(Vec<Waiting>),
}

/// Something that is not done yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waiting {
    /// A step.
    Step(Number),
    /// A phase: its steps and its completion criteria.
    Phase(Number),
}

impl std::fmt::Display for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Step(id) => write!(f, "step {id}"),
            Self::Phase(number) => write!(f, "phase {number}"),
        }
    }
}

impl<'a> Progress<'a> {
    /// Looks at every box of the plan once.
    pub fn of(plan: &'a Plan) -> Self {
        let steps = Done::of(plan.steps().map(|(_, step)| (step.id, step.is_done())));
        let phases = Done::of(plan.phases.iter().map(|phase| (phase.number, phase.is_done())));
        Self { plan, steps, phases }
    }

    /// Where a step stands; `phase` is the one that holds it.
    pub fn state(&self, phase: &Phase, step: &Step) -> State {
        if step.is_done() {
            return State::Done;
        }
        self.state_after(&self.opening(phase), step)
    }

    /// Like [`Progress::state`], for who goes through all steps of a phase and asked for its [`Progress::opening`] once.
    pub fn state_after(&self, opening: &[Waiting], step: &Step) -> State {
        if step.is_done() {
            return State::Done;
        }
        let waiting = self.waiting(opening, step);
        if waiting.is_empty() {
            State::Ready
        } else {
            State::Blocked(waiting)
        }
    }

    /// What a step depends on and is not done, whether the step itself is done or not; `opening` is that of its phase.
    pub fn waiting(&self, opening: &[Waiting], step: &Step) -> Vec<Waiting> {
        let mut waiting = opening.to_vec();
        for dependency in &step.dependencies {
            self.open(&dependency.steps, &dependency.phases, &mut waiting);
        }
        waiting.sort();
        waiting.dedup();
        waiting
    }

    /// What must be done before any step of a phase.
    pub fn opening(&self, phase: &Phase) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        for dependency in &phase.dependencies {
            self.open(&dependency.steps, &dependency.phases, &mut waiting);
        }
        if let Some(before) = self.plan.waits_for(phase)
            && !self.phases.holds(before.number)
        {
            waiting.push(Waiting::Phase(before.number));
        }
        waiting
    }

    /// The first step in the order of the file that may run now.
    pub fn next(&self) -> Option<(&'a Phase, &'a Step)> {
        self.ready().next()
    }

    /// The steps that may run, in the order of the file.
    pub fn ready(&self) -> impl Iterator<Item = (&'a Phase, &'a Step)> {
        let steps = self.plan.steps();
        steps.filter(|(phase, step)| self.state(phase, step) == State::Ready)
    }

    /// How many steps are done.
    pub fn steps_done(&self) -> usize {
        self.plan.steps().filter(|(_, step)| step.is_done()).count()
    }

    fn open(&self, steps: &[Number], phases: &[Number], waiting: &mut Vec<Waiting>) {
        let steps = steps
            .iter()
            .copied()
            .filter(|id| !self.steps.holds(*id))
            .map(Waiting::Step);
        let phases = phases
            .iter()
            .copied()
            .filter(|id| !self.phases.holds(*id))
            .map(Waiting::Phase);
        waiting.extend(steps.chain(phases));
    }
}

/// What is done and what is not, ordered by number: plans mostly are, so that sorting costs nothing.
#[derive(Debug)]
struct Done(Vec<(Number, bool)>);

impl Done {
    fn of(all: impl Iterator<Item = (Number, bool)>) -> Self {
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(number, _)| *number);
        Self(all)
    }

    /// Whether a number is there and done. Of two with one number, which is refused, both must be.
    fn holds(&self, number: Number) -> bool {
        let first = self.0.partition_point(|(other, _)| *other < number);
        let mut same = self.0[first..]
            .iter()
            .take_while(|(other, _)| *other == number)
            .peekable();
        same.peek().is_some() && same.all(|(_, done)| *done)
    }
}

impl Plan {
    /// Every step with its phase, in the order of the file.
    pub fn steps(&self) -> impl Iterator<Item = (&Phase, &Step)> {
        self.phases
            .iter()
            .flat_map(|phase| phase.steps.iter().map(move |step| (phase, step)))
    }

    /// The step of an id, with its phase.
    pub fn step(&self, id: Number) -> Option<(&Phase, &Step)> {
        self.steps().find(|(_, step)| step.id == id)
    }

    /// The phase that a phase waits for without saying so: the one before it, where it says nothing of dependencies.
    pub fn waits_for(&self, phase: &Phase) -> Option<&Phase> {
        if phase.says_dependencies {
            return None;
        }
        let index = self
            .phases
            .partition_point(|other| other.heading.start < phase.heading.start);
        index.checked_sub(1).map(|before| &self.phases[before])
    }

    /// Every box of the plan: those of steps and phases, then those outside.
    pub fn boxes(&self) -> impl Iterator<Item = &super::Checkbox> {
        let phases = self.phases.iter().flat_map(|phase| {
            phase
                .steps
                .iter()
                .flat_map(Step::boxes)
                .chain(phase.completion.iter())
        });
        phases.chain(self.checklists.iter().flat_map(|list| list.boxes.iter()))
    }

    /// Boxes ticked, and boxes in all.
    pub fn tally(&self) -> (usize, usize) {
        self.boxes().fold((0, 0), |(done, total), checkbox| {
            (done + usize::from(checkbox.done), total + 1)
        })
    }
}
