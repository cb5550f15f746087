//! What is kept in memory between two looks at a scenario: baselines that were made, and the courses of the scenario that is being edited.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use scenario::{Basis, Plan, Scenario, Simulation, SimulationSettings};
use store::{Engagement, Watch};

use super::baseline::{self, Made};
use super::definitions::{self, Named};
use super::rules;
use super::run::{ScenarioView, paths_of};
use super::{courses, files};
use crate::context::locked;
use crate::exporting::io;
use crate::{ApiError, Context};

/// Baselines that are kept at once.
const BASELINES_MAX: usize = 4;
/// Simulations that are kept at once: that of a draft, and that of its baseline.
const SIMULATIONS_MAX: usize = 2;

/// What a baseline follows from.
type Key = (PathBuf, u64, String, String, String);

/// The memory of scenarios, one for each front door.
#[derive(Default)]
pub(crate) struct Kept {
    baselines: Mutex<Vec<(Key, Arc<Made>)>>,
    simulations: Mutex<Vec<(Drawn, Simulation)>>,
}

impl Kept {
    pub(crate) fn clear(&self) {
        locked(&self.baselines).clear();
        locked(&self.simulations).clear();
    }
}

/// Folders with files that a baseline is made of, beside the bill and its own.
const INPUTS: [&str; 3] = ["rules", "metrics", "rates"];

fn key(engagement: &Engagement, named: &Named, rules: &str) -> Result<Key, ApiError> {
    let (folder, generation) = (engagement.folder().to_owned(), engagement.generation()?);
    let inputs = format!("{rules}\n{}", inputs(&folder)?);
    Ok((folder, generation, named.name.clone(), named.text.clone(), inputs))
}

/// The state of the files that a baseline is made of: names, sizes and when they were written.
fn inputs(folder: &Path) -> Result<String, ApiError> {
    let mut found = Vec::new();
    for folder in INPUTS.map(|name| folder.join(name)).iter().filter(|folder| folder.is_dir()) {
        for entry in std::fs::read_dir(folder).map_err(|error| io(folder, &error))? {
            let entry = entry.map_err(|error| io(folder, &error))?;
            let about = entry.metadata().map_err(|error| io(folder, &error))?;
            found.push(format!("{} {} {:?}", entry.path().display(), about.len(), about.modified().ok()));
        }
    }
    found.sort();
    Ok(found.join("\n"))
}

/// A baseline that was made and still holds.
pub(super) fn known(context: &Context, engagement: &Engagement, named: &Named) -> Option<Arc<Made>> {
    let rules = rules::rules_text(engagement).ok()?;
    let key = key(engagement, named, &rules.text).ok()?;
    locked(&context.scenarios.baselines).iter().find(|(known, _)| *known == key).map(|(_, made)| made.clone())
}

/// The baseline of a name: made of the bill once for each state of the engagement, its definition and its rules.
pub(super) fn made(
    context: &Context,
    engagement: &Engagement,
    name: &str,
    watch: &Watch,
) -> Result<Arc<Made>, ApiError> {
    let named = definitions::named(engagement, name)?;
    let rules = rules::rules_text(engagement)?.text;
    let key = key(engagement, &named, &rules)?;
    if let Some((_, made)) = locked(&context.scenarios.baselines).iter().find(|(known, _)| *known == key) {
        return Ok(made.clone());
    }
    let made = Arc::new(baseline::make(context, engagement, &named, &rules, watch)?);
    let mut baselines = locked(&context.scenarios.baselines);
    if baselines.len() >= BASELINES_MAX {
        baselines.remove(0);
    }
    baselines.push((key, made.clone()));
    Ok(made)
}

/// The baseline without any operation.
pub(super) fn empty(made: &Made) -> Result<Plan, ApiError> {
    let baseline = made.prepared.baseline().name.clone();
    let nothing = Scenario { name: "baseline".to_owned(), baseline, operations: Vec::new() };
    Plan::new(&made.prepared, &nothing).map_err(|refused| {
        files::refused(
            "baseline",
            &refused.0.iter().map(|one| super::operations::problem(one, None)).collect::<Vec<_>>(),
        )
    })
}

/// What courses are drawn by. Two are alike when the same baseline is drawn from in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Drawn {
    baseline: usize,
    paths: usize,
    seed: u64,
    billed: bool,
}

/// How the courses of a request are drawn.
pub(super) struct Courses {
    drawn: Drawn,
    basis: Basis,
}

impl Courses {
    pub(super) fn of(made: &Arc<Made>, view: &ScenarioView, basis: Basis) -> Result<Self, ApiError> {
        let drawn = Drawn {
            // The address tells baselines apart: a simulation holds its own, so that no other takes its place.
            baseline: Arc::as_ptr(&made.prepared) as usize,
            paths: paths_of(view)?,
            seed: view.seed.unwrap_or(1),
            billed: basis == Basis::Billed,
        };
        Ok(Self { drawn, basis })
    }

    /// The courses of a plan: those of the last look brought up to date where the two are alike, or new ones.
    pub(super) fn simulated(&self, context: &Context, made: &Made, plan: &Plan) -> Result<Simulation, ApiError> {
        let mut simulations = locked(&context.scenarios.simulations);
        let found = simulations.iter().rposition(|(drawn, _)| *drawn == self.drawn);
        let last = found.map(|place| simulations.remove(place).1);
        // Others may look at something else while this is worked out.
        drop(simulations);
        if let Some(mut simulation) = last
            && simulation.update(plan).is_ok()
        {
            return Ok(simulation);
        }
        self.anew(made, plan)
    }

    pub(super) fn anew(&self, made: &Made, plan: &Plan) -> Result<Simulation, ApiError> {
        let settings =
            SimulationSettings { paths: self.drawn.paths, seed: self.drawn.seed, basis: self.basis, views: Vec::new() };
        Simulation::new(plan, courses::of(made, self.drawn.paths, self.drawn.seed), settings).map_err(|refused| {
            ApiError::new("scenario", format!("the courses cannot be drawn: {refused}"), "Draw fewer courses.")
        })
    }

    /// Keeps courses for the next look.
    pub(super) fn keep(self, context: &Context, simulation: Simulation) {
        let mut simulations = locked(&context.scenarios.simulations);
        if simulations.len() >= SIMULATIONS_MAX {
            simulations.remove(0);
        }
        simulations.push((self.drawn, simulation));
    }
}
