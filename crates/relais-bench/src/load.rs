//! The load generator (wrk) and the server under it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde::Deserialize;

use crate::Failed;

/// What wrk told of one run. Times are microseconds.
#[derive(Debug, Clone, Deserialize)]
pub struct Load {
    /// Answers.
    pub requests: u64,
    /// Wall clock.
    pub micros: u64,
    /// Bytes of the answers, heads and all.
    pub bytes: u64,
    /// Median.
    pub p50: u64,
    /// 99th percentile.
    pub p99: u64,
    /// Answers of 400 and above.
    pub refused: u64,
    /// Broken connections and timeouts.
    pub broken: u64,
    /// What the server's process was at work for these answers, on all cores
    /// together.
    #[serde(default)]
    pub work: u64,
}

impl Load {
    /// Answers a second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of one run")]
    pub fn rate(&self) -> f64 {
        self.requests as f64 / (self.micros as f64 / 1e6)
    }

    /// Microseconds of the server's work for one answer: what a neighbour on
    /// the machine moves least.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of one run")]
    pub fn work_each(&self) -> f64 {
        self.work as f64 / self.requests.max(1) as f64
    }
}

/// The work of a process so far, all its threads together, in microseconds.
///
/// # Errors
/// When the system does not tell.
pub fn work_of(process: u32) -> Result<u64, Failed> {
    /// Linux tells in hundredths of a second, whatever its own clock.
    const TICK: u64 = 10_000;
    let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold spaces; user and system time are the 14th and 15th of all.
    let (_, rest) = text.rsplit_once(')').ok_or("no process")?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || -> Result<u64, Failed> { Ok(fields.next().ok_or("no time told")?.parse()?) };
    Ok((ticks()? + ticks()?) * TICK)
}

/// One run of wrk against a server: 8 connections.
///
/// # Errors
/// When wrk cannot be started or says nothing.
pub fn wrk(script: &Path, served: &Served, url: &str, lines: &Path, once: bool, seconds: u64) -> Result<Load, Failed> {
    let before = work_of(served.child.id())?;
    let out = Command::new("wrk")
        .args([
            "-t",
            "2",
            "-c",
            "8",
            "-d",
            &format!("{seconds}s"),
            "--timeout",
            "20s",
            "-s",
        ])
        .arg(script)
        .arg(url)
        .arg("--")
        .arg(lines)
        .args([if once { "once" } else { "again" }, "2"])
        .output()
        .map_err(|e| format!("wrk: {e}"))?;
    let text = String::from_utf8_lossy(&out.stdout);
    let line = text
        .lines()
        .find_map(|l| l.strip_prefix("RESULT "))
        .ok_or_else(|| format!("wrk: {text}{}", String::from_utf8_lossy(&out.stderr)))?;
    let mut load: Load = serde_json::from_str(line)?;
    load.work = work_of(served.child.id())?.saturating_sub(before);
    Ok(load)
}

/// A server in a process of its own.
pub struct Served {
    child: Child,
    /// Address of the bare handler.
    pub bare: String,
    /// Address of the application.
    pub app: String,
}

impl Served {
    /// Starts this program again as a server.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(folder: &Path, url: Option<&str>) -> Result<Self, Failed> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg(folder);
        if let Some(url) = url {
            command.arg(url);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let (bare, app) = line.trim().split_once(' ').ok_or("the server did not start")?;
        Ok(Self {
            bare: bare.to_owned(),
            app: app.to_owned(),
            child,
        })
    }

    /// Memory in use and at most, in megabytes of a million bytes.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn memory(&self) -> Result<(f64, f64), Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let of = |name: &str| -> Result<f64, Failed> {
            let line = status.lines().find(|l| l.starts_with(name)).ok_or("no memory told")?;
            let kib: f64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
            Ok(kib * 1024.0 / 1e6)
        };
        Ok((of("VmRSS:")?, of("VmHWM:")?))
    }

    /// One request, by hand: its status and its body.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn ask(&self, line: &str) -> Result<(u16, serde_json::Value), Failed> {
        let (status, body) = self.ask_text(line)?;
        Ok((status, serde_json::from_str(&body).unwrap_or(serde_json::Value::Null)))
    }

    /// The same, with its body as it came.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn ask_text(&self, line: &str) -> Result<(u16, String), Failed> {
        let mut parts = line.split('\t');
        let (method, path) = (parts.next().unwrap_or("GET"), parts.next().unwrap_or("/"));
        let (token, body) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let host = self.app.trim_start_matches("http://");
        let who = if token.starts_with("relais=") {
            format!("Cookie: {token}\r\nAccept: text/html")
        } else {
            format!("Authorization: Bearer {token}")
        };
        let mut stream = TcpStream::connect(host)?;
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\n{who}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut text = String::new();
        std::io::Read::read_to_string(&mut stream, &mut text)?;
        let status = text.split_whitespace().nth(1).unwrap_or("0").parse()?;
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        Ok((status, body.to_owned()))
    }

    /// What the process keeps for itself, of no file, in megabytes.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn anonymous(&self) -> Result<f64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|l| l.starts_with("RssAnon:"))
            .ok_or("no memory told")?;
        let kib: f64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
        Ok(kib * 1024.0 / 1e6)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // The server ends when its input does; then its store is closed in order.
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}
