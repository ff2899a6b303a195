//! Somebody who speaks HTTP with the product.

use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Wish, World};

/// Somebody who calls.
#[derive(Clone)]
pub struct Person {
    pub id: Uuid,
    pub name: String,
    pub organisation: Option<Uuid>,
    pub token: String,
    base: String,
    http: reqwest::Client,
}

impl Person {
    /// Somebody in this world.
    pub(super) fn of(
        world: &World,
        id: Uuid,
        name: &str,
        organisation: Option<Uuid>,
        token: String,
    ) -> Self {
        Self {
            id,
            name: name.to_owned(),
            organisation,
            token,
            base: world.base(),
            http: world.http.clone(),
        }
    }

    /// A request with a JSON body (`Value::Null`: none).
    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call_with(method, path, body, &[]).await
    }

    /// The same person, at another process.
    pub fn served_at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// The same with more headers.
    pub async fn call_with(
        &self,
        method: &str,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let asked_at = Utc::now();
        let response = self.send(method, path, body, headers).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            asked_at,
            status,
            headers,
            body,
        }
    }

    /// The same, but for what is shown as the token.
    pub fn bearing(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The same, and the answer's body is not read.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> reqwest::Response {
        let mut request = self
            .http
            .request(method.parse().unwrap(), format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !headers.iter().any(|(name, _)| *name == "accept-language") {
            request = request.header("accept-language", "en");
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, body).await
    }

    /// Signs in with address and password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post(
            "/v1/sign-ins",
            json!({"email": email, "password": password}),
        )
        .await
    }

    /// Asks for a booking.
    pub async fn book(&self, wish: &Wish) -> Answer {
        self.post("/v1/bookings", wish.body(self)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, Value::Null).await
    }

    /// A task is done.
    pub async fn act_on_task(&self, task: &str) -> Answer {
        self.post(&format!("/v1/tasks/{task}/done"), Value::Null)
            .await
    }

    /// An act on a booking with particulars.
    pub async fn act_with(&self, booking: &str, act: &str, body: Value) -> Answer {
        self.post(&format!("/v1/bookings/{booking}/{act}"), body)
            .await
    }

    /// An act on a booking without particulars.
    pub async fn act(&self, booking: &str, act: &str) -> Answer {
        self.post(&format!("/v1/bookings/{booking}/{act}"), Value::Null)
            .await
    }
}
