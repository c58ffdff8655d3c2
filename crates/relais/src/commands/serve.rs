//! `serve`: pages and API, and the due work beside them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use relais_acts::Desk;
use relais_server::AppState;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::work::keep_working;
use crate::cli::Serve;
use crate::deployment;
use crate::failure::Failure;
use crate::hooks::Hooks;
use crate::messages::Post;
use crate::output::Output;
use crate::settings::Settings;

/// Runs the command.
pub fn run(serve: &Serve, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let desk = deployment::desk(settings)?;
    serve_desk(&desk, settings, !serve.no_work, output, |address| {
        output.answer(&serde_json::json!({ "address": address }), || {
            format!("{} {address}", output.say("Relais sert sur", "Relais serves on"))
        });
    })
}

/// Serves a desk until asked to end; `ready` is told the address as soon as it listens.
///
/// # Errors
/// When the address cannot be listened on or the server fails.
pub fn serve_desk(
    desk: &Arc<Desk>,
    settings: &Settings,
    work: bool,
    output: &Output,
    ready: impl FnOnce(&str),
) -> Result<u8, Failure> {
    let post = Post::of(settings, desk.store().is_drill())?;
    if post.is_some() {
        desk.sends_messages();
    }
    let runtime = runtime()?;
    let listen = &settings.listen;
    let cannot = |e: std::io::Error| {
        Failure::new(
            (
                &format!("L’adresse {listen} ne peut pas être servie : {e}."),
                &format!("The address {listen} cannot be served: {e}."),
            ),
            (
                "Choisissez-en une autre : --listen 127.0.0.1:8081.",
                "Choose another one: --listen 127.0.0.1:8081.",
            ),
        )
    };
    let listener = runtime.block_on(TcpListener::bind(listen.as_str())).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    ready(&format!("http://{address}"));
    let stop = Arc::new(AtomicBool::new(false));
    let worker = work.then(|| {
        let (desk, stop) = (Arc::clone(desk), Arc::clone(&stop));
        let hooks = Hooks::of(settings, desk.store().is_drill());
        std::thread::spawn(move || keep_working(&desk, post.as_ref(), &hooks, &stop))
    });
    let usual = relais_server::Settings::default();
    let server = relais_server::Settings {
        https: settings.https,
        behind_proxy: settings.behind_proxy,
        address: settings.address.as_deref().map(|a| a.trim_end_matches('/').to_owned()),
        public_directory: settings.public_directory,
        leave_to: settings.leave_to.clone().unwrap_or_else(|| usual.leave_to.clone()),
        ..usual
    };
    let state = AppState::new(Arc::clone(desk), server);
    let served = runtime.block_on(relais_server::serve(listener, state, asked_to_end()));
    stop.store(true, Ordering::Relaxed);
    if let Some(worker) = worker {
        // A worker that panicked was logged; what it did not finish is still due.
        drop(worker.join());
    }
    served.map_err(cannot)?;
    output.progress(output.say("Fini ; rien n’est perdu.", "Ended; nothing is lost."));
    Ok(0)
}

/// The asynchronous runtime.
pub fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| {
            Failure::new(
                (
                    &format!("Le serveur ne démarre pas : {e}."),
                    &format!("The server does not start: {e}."),
                ),
                (
                    "Vérifiez les limites de la machine (fils d’exécution).",
                    "Check the machine’s limits (threads).",
                ),
            )
        })
}

/// Resolves when the user or the system asks to end.
pub async fn asked_to_end() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
