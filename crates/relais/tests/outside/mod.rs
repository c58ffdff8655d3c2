//! What goes out is tested against this: a port of this machine that reads what
//! it is sent, the binary as it is run on a fixture's folder, and its clock.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use chrono::TimeDelta;
use relais_fixture::World;
use relais_store::Tx;
use serde_json::Value;

/// Listens on a port of this machine; each connection is taken by a thread of
/// its own, which is told how many came before.
pub fn listen(take: impl Fn(TcpStream, usize) + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for (before, stream) in listener.incoming().flatten().enumerate() {
            let take = take.clone();
            std::thread::spawn(move || take(stream, before));
        }
    });
    port
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method, path and version.
    pub first: String,
    /// By name in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// Reads one request.
pub fn request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    lines.read_line(&mut first).ok()?;
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    lines.read_exact(&mut body).ok()?;
    Some(Request {
        first: first.trim().to_owned(),
        headers,
        body: String::from_utf8(body).ok()?,
    })
}

/// Answers with this status, and these header lines.
pub fn respond(mut stream: TcpStream, status: &str, more: &str) -> Option<()> {
    let text = format!("HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).ok()
}

/// Runs the binary on the world's folder, with these settings and no others.
pub fn relais(world: &World, arguments: &[&str], settings: &[(&str, String)]) -> Child {
    let folder = world.folder.path();
    Command::new(env!("CARGO_BIN_EXE_relais"))
        .env_clear()
        .envs(settings.iter().map(|(name, value)| (*name, value)))
        .current_dir(folder)
        .args(arguments)
        .args(["--format", "json", "--data"])
        .arg(folder.join("data"))
        .arg("--keys")
        .arg(folder.join("keys"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

/// What it answered.
pub fn answer(child: Child) -> Value {
    let out = child.wait_with_output().expect("it ends");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("JSON")
}

/// What a round of work counted under two names: what went out, and what did not.
pub fn counts(round: &Value, out: &str, not: &str) -> (u64, u64) {
    let count = |name: &str| round[name].as_u64().expect("a count");
    (count(out), count(not))
}

/// Lets the drill's clock go on.
pub fn after(world: &World, span: TimeDelta) {
    let now = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| tx.now())
        .expect("a clock");
    world.at(now + span);
}
