//! Scenarios on disk: `scenarios/NAME.toml`, readable text that may be written by hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use scenario::{Diagnostic, Refused, Scenario, ScenarioFile};
use store::Engagement;

use super::wire::{
    ScenarioDraft, ScenarioInfo, ScenarioList, ScenarioProblem, ScenarioReply, ScenarioRequest, ScenarioSaveRequest,
    ScenarioSaveTextRequest,
};
use super::{definitions, operations};
use crate::exporting::{io, put};
use crate::{ApiError, Context, text_file};

const FOLDER: &str = "scenarios";
const NAME_MAX: usize = 80;
/// A scenario beyond this size is none.
const BYTES_MAX: u64 = 4 << 20;

/// A scenario as its file has it.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) text: String,
    pub(super) read: Result<ScenarioFile, Vec<Diagnostic>>,
}

/// Every scenario of the engagement by name.
pub(super) type Shelf = BTreeMap<String, Stored>;

pub(super) fn shelf(engagement: &Engagement) -> Result<Shelf, ApiError> {
    let mut shelf = Shelf::new();
    for (name, path) in toml_files(&engagement.folder().join(FOLDER))? {
        let stored = match text_file::read(&path, BYTES_MAX, "a scenario") {
            Ok(text) => Stored { read: ScenarioFile::parse(&text).map_err(|refused| refused.0), text },
            Err(problem) => Stored { text: String::new(), read: Err(unreadable(&problem)) },
        };
        shelf.insert(name, stored);
    }
    Ok(shelf)
}

fn unreadable(problem: &str) -> Vec<Diagnostic> {
    Refused::of(format!("the file cannot be read: {problem}"), "check the file").0
}

/// The TOML files of a folder by name, hidden ones left out.
pub(super) fn toml_files(folder: &Path) -> Result<Vec<(String, PathBuf)>, ApiError> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(folder).map_err(|error| io(folder, &error))? {
        let path = entry.map_err(|error| io(folder, &error))?.path();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        found.push((name, path));
    }
    found.sort();
    Ok(found)
}

/// The scenarios that can be read.
pub(super) fn readable(shelf: &Shelf) -> BTreeMap<String, ScenarioFile> {
    let read = shelf.iter().filter_map(|(name, stored)| Some((name.clone(), stored.read.as_ref().ok()?.clone())));
    read.collect()
}

/// A scenario with all that it inherits; where one of its chain cannot be read, that is said.
pub(super) fn resolved(name: &str, shelf: &Shelf) -> Result<Scenario, ApiError> {
    resolve(name, shelf, &readable(shelf))
}

/// A draft under a name, with all that it inherits.
pub(super) fn resolved_draft(name: &str, draft: &ScenarioDraft, shelf: &Shelf) -> Result<Scenario, ApiError> {
    let file = operations::parsed(draft).map_err(|problems| refused(name, &problems))?;
    let mut files = readable(shelf);
    files.insert(name.to_owned(), file);
    resolve(name, shelf, &files)
}

fn resolve(name: &str, shelf: &Shelf, files: &BTreeMap<String, ScenarioFile>) -> Result<Scenario, ApiError> {
    let mut next = Some(name);
    let mut seen = 0;
    while let Some(wanted) = next.filter(|_| seen <= files.len()) {
        seen += 1;
        if let (None, Some(Stored { read: Err(problems), .. })) = (files.get(wanted), shelf.get(wanted)) {
            return Err(refused(wanted, &told(problems)));
        }
        next = files.get(wanted).and_then(|file| file.based_on.as_deref());
    }
    Scenario::resolve(name, files).map_err(|refused| self::refused(name, &told(&refused.0)))
}

fn told(problems: &[Diagnostic]) -> Vec<ScenarioProblem> {
    problems.iter().map(|problem| operations::problem(problem, None)).collect()
}

/// What a scenario is refused with: the first problem in words, all of them in the details.
pub(super) fn refused(name: &str, problems: &[ScenarioProblem]) -> ApiError {
    let Some(first) = problems.first() else {
        return ApiError::new("scenario", format!("scenario `{name}` cannot be read"), "");
    };
    let line = first.line.map(|line| format!("line {line}: ")).unwrap_or_default();
    let operation = first.operation.as_ref().map(|id| format!("operation `{id}`: ")).unwrap_or_default();
    let more = match problems.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let mut error = ApiError::new(
        "scenario",
        format!("scenario `{name}`: {line}{operation}{}{more}", first.message),
        sentence(&first.hint),
    );
    error.details = serde_json::to_value(problems).unwrap_or_default();
    error
}

/// A hint as a sentence.
pub(super) fn sentence(hint: &str) -> String {
    let mut letters = hint.chars();
    match letters.next() {
        None => String::new(),
        Some(first) => {
            let end = if hint.ends_with(['.', '?', '!']) { "" } else { "." };
            format!("{}{}{end}", first.to_uppercase(), letters.as_str())
        }
    }
}

pub(super) fn names_hint(engagement: &Engagement) -> String {
    match shelf(engagement) {
        Ok(shelf) if !shelf.is_empty() => {
            format!("Known are {}.", shelf.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
        }
        _ => "There is no scenario yet: make one under Forecast, Scenarios, or take one in with `qd scenario save`."
            .to_owned(),
    }
}

pub(crate) fn list(context: &Context) -> Result<ScenarioList, ApiError> {
    let engagement = context.engagement()?;
    let scenarios = shelf(&engagement)?.into_iter().map(|(name, stored)| match stored.read {
        Ok(file) => ScenarioInfo {
            name,
            operations: count(file.operations.len()),
            enabled: count(file.operations.iter().filter(|operation| operation.enabled).count()),
            based_on: file.based_on,
            baseline: file.baseline,
            note: file.note,
            problem: None,
        },
        Err(problems) => ScenarioInfo {
            name,
            based_on: None,
            baseline: None,
            note: String::new(),
            operations: 0,
            enabled: 0,
            problem: problems.first().map(ToString::to_string),
        },
    });
    Ok(ScenarioList { scenarios: scenarios.collect(), baselines: definitions::list(context, &engagement)? })
}

pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(crate) fn get(context: &Context, request: &ScenarioRequest) -> Result<ScenarioReply, ApiError> {
    let engagement = context.engagement()?;
    let shelf = shelf(&engagement)?;
    let name = request.name.trim();
    let Some(stored) = shelf.get(name) else { return Err(missing(&engagement, name)) };
    let file = match &stored.read {
        Ok(file) => file,
        Err(problems) => {
            return Ok(ScenarioReply {
                name: name.to_owned(),
                text: stored.text.clone(),
                baseline: String::new(),
                own_baseline: None,
                based_on: None,
                note: String::new(),
                removed: Vec::new(),
                operations: Vec::new(),
                inherited: Vec::new(),
                problems: told(problems),
            });
        }
    };
    let whole = resolved(name, &shelf);
    let parent = file.based_on.as_deref().and_then(|parent| resolved(parent, &shelf).ok()).unwrap_or_default();
    let problems = match &whole {
        Ok(_) => Vec::new(),
        Err(error) => vec![ScenarioProblem {
            operation: None,
            key: Some("based_on".to_owned()),
            line: None,
            severity: super::wire::ScenarioSeverity::Error,
            message: error.message.clone(),
            hint: error.hint.clone(),
        }],
    };
    Ok(ScenarioReply {
        name: name.to_owned(),
        text: stored.text.clone(),
        baseline: whole.map(|whole| whole.baseline).unwrap_or_default(),
        own_baseline: file.baseline.clone(),
        based_on: file.based_on.clone(),
        note: file.note.clone(),
        removed: file.removed.clone(),
        operations: file.operations.iter().map(operations::operation).collect(),
        inherited: parent.operations.iter().map(operations::operation).collect(),
        problems,
    })
}

fn missing(engagement: &Engagement, name: &str) -> ApiError {
    ApiError::new("not_found", format!("there is no scenario `{name}`"), names_hint(engagement))
}

pub(crate) fn save(context: &Context, request: &ScenarioSaveRequest) -> Result<ScenarioReply, ApiError> {
    let engagement = context.engagement()?;
    let name = checked_name(&request.name, "scenario")?;
    let file = operations::parsed(&request.scenario).map_err(|problems| refused(&name, &problems))?;
    let shelf = shelf(&engagement)?;
    let replaces = request.replaces.as_deref().map(str::trim);
    if replaces != Some(&*name) && shelf.contains_key(&name) {
        return Err(ApiError::new(
            "exists",
            format!("there is a scenario `{name}` already"),
            "Choose another name, or open that one and change it.",
        ));
    }
    let renamed = replaces.filter(|old| *old != name && shelf.contains_key(*old));
    if let Some(old) = renamed {
        refuse_if_based_on(&shelf, old, "renamed")?;
    }
    let head = replaces.and_then(|old| shelf.get(old)).map(|stored| comments(&stored.text)).unwrap_or_default();
    keep(&engagement, &name, &file, &format!("{head}{}", file.write()), &shelf)?;
    if let Some(old) = renamed {
        let path = path_of(&engagement, old);
        std::fs::remove_file(&path).map_err(|error| io(&path, &error))?;
    }
    get(context, &ScenarioRequest { name })
}

/// The comments at the head of a file that was written by hand: they stay when an editor saves it.
fn comments(text: &str) -> String {
    let mut head = String::new();
    for line in text.lines().take_while(|line| line.starts_with('#')) {
        head.push_str(line);
        head.push('\n');
    }
    head
}

pub(crate) fn save_text(context: &Context, request: &ScenarioSaveTextRequest) -> Result<ScenarioReply, ApiError> {
    let engagement = context.engagement()?;
    let name = checked_name(&request.name, "scenario")?;
    let file = ScenarioFile::parse(&request.text).map_err(|found| refused(&name, &told(&found.0)))?;
    keep(&engagement, &name, &file, &request.text, &shelf(&engagement)?)?;
    get(context, &ScenarioRequest { name })
}

/// Writes a file once it is known that the scenario stands: what it is based on, what it removes, its baseline.
fn keep(engagement: &Engagement, name: &str, file: &ScenarioFile, text: &str, shelf: &Shelf) -> Result<(), ApiError> {
    let mut files = readable(shelf);
    files.insert(name.to_owned(), file.clone());
    let whole = resolve(name, shelf, &files)?;
    definitions::named(engagement, &whole.baseline).map_err(|error| {
        let problem = ScenarioProblem {
            operation: None,
            key: Some("baseline".to_owned()),
            line: None,
            severity: super::wire::ScenarioSeverity::Error,
            message: error.message,
            hint: error.hint,
        };
        refused(name, &[problem])
    })?;
    let folder = engagement.folder().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
    put(&path_of(engagement, name), text.as_bytes())
}

pub(crate) fn delete(context: &Context, request: &ScenarioRequest) -> Result<ScenarioList, ApiError> {
    let engagement = context.engagement()?;
    let shelf = shelf(&engagement)?;
    let name = request.name.trim();
    if !shelf.contains_key(name) {
        return Err(missing(&engagement, name));
    }
    refuse_if_based_on(&shelf, name, "deleted")?;
    let path = path_of(&engagement, name);
    std::fs::remove_file(&path).map_err(|error| io(&path, &error))?;
    list(context)
}

fn refuse_if_based_on(shelf: &Shelf, name: &str, what: &str) -> Result<(), ApiError> {
    let files = readable(shelf);
    let children: Vec<&str> = files
        .iter()
        .filter(|(_, file)| file.based_on.as_deref() == Some(name))
        .map(|(child, _)| child.as_str())
        .collect();
    if children.is_empty() {
        return Ok(());
    }
    let (others, verb) = (children.join(", "), if children.len() == 1 { "is" } else { "are" });
    Err(ApiError::new(
        "scenario",
        format!("scenario `{name}` cannot be {what}: {others} {verb} based on it"),
        "Base them on another scenario first.",
    ))
}

fn path_of(engagement: &Engagement, name: &str) -> PathBuf {
    engagement.folder().join(FOLDER).join(format!("{name}.toml"))
}

/// A name that can be that of a file and is never a path.
pub(super) fn checked_name(name: &str, what: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let letters = name.chars().all(|letter| letter.is_alphanumeric() || "-_. ".contains(letter));
    let whole = name.chars().any(char::is_alphanumeric) && !name.starts_with('.') && !name.ends_with('.');
    if letters && whole && name.chars().count() <= NAME_MAX && name.len() <= 2 * NAME_MAX {
        return Ok(name.to_owned());
    }
    Err(ApiError::new(
        what,
        format!("`{}` cannot be the name of a {what}", name.chars().take(60).collect::<String>()),
        format!("Use letters, digits, spaces and - _ . with no dot at the ends, at most {NAME_MAX} of them."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_path() {
        for name in ["", " ", "..", ".hidden", "a/b", "a\\b", "../up", "end.", "tab\tin", "colon:", &"x".repeat(81)] {
            assert!(checked_name(name, "scenario").is_err(), "{name:?} cannot be a file's name");
        }
        for name in ["2027 likely", "Größer_v1.2", "a-b"] {
            assert_eq!(checked_name(name, "scenario").unwrap(), name);
        }
    }
}
