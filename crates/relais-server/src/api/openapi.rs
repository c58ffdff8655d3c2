//! `GET /api/v1/openapi.json`.

use axum::Json;

/// The description of the API.
pub(crate) async fn document() -> Json<serde_json::Value> {
    Json(serde_json::json!({}))
}
