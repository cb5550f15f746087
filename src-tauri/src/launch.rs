//! What the program is started with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

/// What a link to a view begins with.
const LINK: &str = "quarterdeck://";

/// The longest link that is passed on: the page reads it as it reads any text from outside.
const LINK_MAX: usize = 200_000;

/// What the system is told of links, instead of showing the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Links of the scheme `quarterdeck` open in this program.
    Register,
    /// They no longer do.
    Unregister,
}

/// The arguments: `quarterdeck [--open PATH]... [--sample] [--data DIR] [--sample-data DIR] [PATH|quarterdeck://view/...]...`, or
/// `quarterdeck --register-links|--unregister-links`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// An engagement folder, or bills to load.
    pub paths: Vec<PathBuf>,
    /// A link to a view, shown in the engagement that is open then.
    pub link: Option<String>,
    /// Whether links are registered with the system; then no window is shown.
    pub links: Option<Links>,
    /// Opens the sample engagement.
    pub sample: bool,
    /// Where the program keeps its own data, instead of the user's folder for it.
    pub data: Option<PathBuf>,
    /// Where the sample company's bills lie, instead of beside the program.
    pub sample_data: Option<PathBuf>,
}

/// What the page finds when it asks what it was started with.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Opened {
    /// The engagement that is open, as `engagement_info` tells it.
    pub engagement: Option<Value>,
    /// Files that were named and wait to be loaded.
    pub files: Vec<String>,
    /// The link to the view that is to be shown.
    pub link: Option<String>,
    /// Why something that was named is not open: `{code, message, hint, details}`.
    pub error: Option<Value>,
}

impl Launch {
    /// Reads the arguments that follow the program's name.
    ///
    /// # Errors
    /// An option that is not known, or one without its value, with the usage.
    pub fn from_arguments(mut arguments: impl Iterator<Item = OsString>) -> Result<Launch, String> {
        const USAGE: &str = "usage: quarterdeck [--open ENGAGEMENT|FILE]... [--sample] [--data DIR] [--sample-data DIR] [quarterdeck://view/...]\n       quarterdeck --register-links|--unregister-links";
        let mut launch = Launch::default();
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy();
            let mut value = || arguments.next().map(PathBuf::from).ok_or(format!("{text} needs a path\n{USAGE}"));
            match text.as_ref() {
                "--open" => launch.paths.push(value()?),
                "--register-links" => launch.links = Some(Links::Register),
                "--unregister-links" => launch.links = Some(Links::Unregister),
                "--sample" => launch.sample = true,
                "--data" => launch.data = Some(value()?),
                "--sample-data" => launch.sample_data = Some(value()?),
                link if link.starts_with(LINK) && link.len() <= LINK_MAX => launch.link = Some(link.to_owned()),
                link if link.starts_with(LINK) => return Err(format!("the link is too long\n{USAGE}")),
                option if option.starts_with("--") => return Err(format!("{option} is not known\n{USAGE}")),
                _ => launch.paths.push(PathBuf::from(&argument)),
            }
        }
        Ok(launch)
    }

    /// The same, with relative paths read from `folder`: where the second start was made.
    pub fn relative_to(mut self, folder: &Path) -> Launch {
        for path in &mut self.paths {
            *path = folder.join(&path);
        }
        self
    }

    /// Opens the engagement that was named, through the same commands that the page has; files are left for the page to load.
    pub fn open_in(&self, engine: &std::sync::Arc<api::Context>) -> Opened {
        let mut opened = Opened { link: self.link.clone(), ..Opened::default() };
        let mut ask = |command: &str, payload: Value| match api::dispatch(engine, command, payload) {
            Ok(api::Reply::Json(engagement)) => opened.engagement = Some(engagement),
            Ok(api::Reply::Bytes(_)) => {}
            Err(error) => opened.error = Some(json!(error)),
        };
        if self.sample {
            ask("engagement_open_sample", json!({}));
        }
        for folder in self.paths.iter().filter(|path| path.is_dir()) {
            ask("engagement_open", json!({ "path": folder }));
        }
        opened.files = self.paths.iter().filter(|path| !path.is_dir()).map(|path| path.display().to_string()).collect();
        let is_empty = opened.engagement.as_ref().is_some_and(|engagement| engagement["charges"] == 0);
        if self.sample && is_empty {
            // The first start with the sample: its bills are loaded like any other files, with progress in the page.
            opened.files.extend(api::sample_bills(engine).map(|folder| folder.display().to_string()));
        }
        opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Launch, String> {
        Launch::from_arguments(arguments.iter().map(OsString::from))
    }

    #[test]
    fn options_and_bare_paths_are_read() {
        let launch = read(&["--open", "acme", "--sample", "--data", "d", "bill.csv"]).unwrap();
        assert_eq!(
            launch.paths,
            [PathBuf::from("acme"), PathBuf::from("bill.csv")],
            "a bare path is opened like --open"
        );
        assert!(launch.sample, "--sample was given");
        assert_eq!(launch.data, Some(PathBuf::from("d")), "--data takes the next argument");
    }

    #[test]
    fn a_link_is_a_view_and_no_path() {
        let launch = read(&["acme", "quarterdeck://view/explore?cost=list_cost"]).unwrap();
        assert_eq!(launch.paths, [PathBuf::from("acme")]);
        assert_eq!(launch.link.as_deref(), Some("quarterdeck://view/explore?cost=list_cost"));
        let elsewhere = launch.relative_to(Path::new("elsewhere"));
        assert_eq!(
            elsewhere.link.as_deref(),
            Some("quarterdeck://view/explore?cost=list_cost"),
            "a link has no folder"
        );
        assert!(read(&[&format!("quarterdeck://{}", "x".repeat(LINK_MAX))]).is_err(), "one without end is refused");
    }

    #[test]
    fn links_are_registered_only_when_that_is_asked_for() {
        assert_eq!(
            read(&["acme", "quarterdeck://view/explore"]).unwrap().links,
            None,
            "a start leaves the system as it is"
        );
        assert_eq!(read(&["--register-links"]).unwrap().links, Some(Links::Register));
        assert_eq!(read(&["--unregister-links"]).unwrap().links, Some(Links::Unregister), "it can be taken back");
    }

    #[test]
    fn what_is_not_known_is_refused_with_the_usage() {
        for wrong in [&["--colour"][..], &["--open"][..]] {
            let message = read(wrong).unwrap_err();
            assert!(message.contains("usage:"), "{wrong:?} must say how it is used, said {message}");
        }
    }

    #[test]
    fn a_second_start_reads_paths_from_its_own_folder() {
        let launch = read(&["--open", "acme"]).unwrap().relative_to(Path::new("elsewhere"));
        assert_eq!(launch.paths, [Path::new("elsewhere").join("acme")], "the first window runs in another folder");
    }
}
