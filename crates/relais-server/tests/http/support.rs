//! A deployment with its router, and a browser or program that talks to it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use relais_acts::accounts;
use relais_acts::directory::By;
use relais_fixture::World;
use relais_server::{App, AppState, Settings, app, password, secret};
use relais_store::ids;
use tower::ServiceExt;

/// The password of every account that was given one.
pub const PASSWORD: &str = "quatre mots sans lien";

/// A world with its router.
pub struct Site {
    pub world: World,
    pub app: App,
    signed_in: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl Site {
    pub fn new() -> Self {
        let world = World::sqlite();
        let app = app(AppState::new(std::sync::Arc::clone(&world.desk), Settings::default()));
        Self {
            world,
            app,
            signed_in: Mutex::default(),
        }
    }

    /// Gives an account the password of the tests.
    pub fn give_password(&self, login: &str) {
        let hash = password::hash(PASSWORD, &[5; 16]).expect("hashes");
        accounts::set_password(self.world.store(), login, hash, By::CommandLine).expect("set");
    }

    /// A signed-in browser, through the door once for each account.
    pub async fn browser(&self, login: &str) -> Browser {
        if let Some(cookies) = self.signed_in.lock().expect("unpoisoned").get(login) {
            return Browser {
                app: self.app.clone(),
                cookies: cookies.clone(),
            };
        }
        self.give_password(login);
        let mut browser = Browser {
            app: self.app.clone(),
            cookies: BTreeMap::new(),
        };
        let answer = browser
            .post("/sign-in", &[("login", login), ("password", PASSWORD)])
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{login}: {}", answer.text);
        self.signed_in
            .lock()
            .expect("unpoisoned")
            .insert(login.to_owned(), browser.cookies.clone());
        browser
    }

    /// Forgets who is signed in: the next browser of each signs in anew.
    pub fn sign_all_out(&self) {
        self.signed_in.lock().expect("unpoisoned").clear();
    }

    /// A browser that nobody is signed in with.
    pub fn stranger(&self) -> Browser {
        Browser {
            app: self.app.clone(),
            cookies: BTreeMap::new(),
        }
    }

    /// A program with a token.
    pub fn program(&self, login: &str) -> Program {
        let secret = ids::secret();
        accounts::create_token(
            self.world.store(),
            login,
            "test",
            secret::hash(&secret),
            None,
            By::CommandLine,
        )
        .expect("a token");
        Program {
            app: self.app.clone(),
            token: secret::text(&secret),
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self
            .text
            .find(&mark)
            .unwrap_or_else(|| panic!("no field {name} in {}", self.text))
            + mark.len();
        self.text[at..].split('"').next().unwrap_or_default().to_owned()
    }
}

pub async fn ask(app: &App, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// A browser with its cookies.
#[derive(Clone)]
pub struct Browser {
    pub app: App,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "relais.test")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookies.join("; "))
    }

    async fn send(&mut self, request: Request<Body>) -> Answer {
        let answer = ask(&self.app, request).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).body(Body::empty()).expect("a request");
        self.send(request).await
    }

    pub async fn post(&mut self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let body: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }

    /// Posts a form with a file, as browsers send it.
    pub async fn upload(&mut self, path: &str, pairs: &[(&str, &str)], name: &str, file: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (field, value) in pairs {
            body.extend(
                format!("--essai\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        body.extend(
            format!(
                "--essai\r\nContent-Disposition: form-data; name=\"list\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            )
            .bytes(),
        );
        body.extend(file);
        body.extend(b"\r\n--essai--\r\n");
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=essai")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }

    /// Posts, and reads the page to which the answer leads.
    pub async fn post_then(&mut self, path: &str, pairs: &[(&str, &str)]) -> (String, Answer) {
        let answer = self.post(path, pairs).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "POST {path}: {}", answer.text);
        let to = answer.location().to_owned();
        let page = self.get(&to).await;
        assert_eq!(page.status, StatusCode::OK, "GET {to}: {}", page.text);
        (to, page)
    }
}

/// A program with a token.
pub struct Program {
    pub app: App,
    pub token: String,
}

impl Program {
    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::builder()
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .body(Body::empty())
            .expect("a request");
        ask(&self.app, request).await
    }

    pub async fn post(&self, path: &str, body: serde_json::Value) -> Answer {
        self.raw(path, "application/json", body.to_string()).await
    }

    pub async fn raw(&self, path: &str, kind: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .expect("a request");
        ask(&self.app, request).await
    }
}
