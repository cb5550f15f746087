//! Starting other programs.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a task comes to; the error is a sentence for the person at the terminal.
pub type Outcome<T = ()> = Result<T, String>;

/// The line that a person would type for this command.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Says what it runs, runs it with this terminal's output, and fails when it fails.
pub fn run(command: &mut Command) -> Outcome {
    run_allowing(command, &[0]).map(|_| ())
}

/// The same, where other exit statuses than 0 are answers too.
pub fn run_allowing(command: &mut Command, statuses: &[i32]) -> Outcome<i32> {
    eprintln!("$ {}", line(command));
    let status = command.status().map_err(|error| format!("{} could not be started: {error}", line(command)))?;
    match status.code() {
        Some(code) if statuses.contains(&code) => Ok(code),
        _ => Err(format!("{} ended with {status}", line(command))),
    }
}

/// Runs quietly and gives what it printed; what it says on stderr comes with the error.
pub fn capture(command: &mut Command) -> Outcome<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{} could not be started: {error}", line(command)))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{} ended with {}: {}", line(command), output.status, said.trim()))
    }
}

/// The program of that name on the search path.
pub fn find(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    std::env::split_paths(&folders).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_line_can_be_typed() {
        let mut command = Command::new("qd");
        command.args(["ask", "--where", "service = \"it's\"", ""]);
        assert_eq!(
            line(&command),
            r#"qd ask --where 'service = "it'\''s"' ''"#,
            "words with blanks or quotes are quoted"
        );
    }
}
