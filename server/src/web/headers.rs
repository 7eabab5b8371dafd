//! Response headers that keep the browser from doing what the studio never asks of it.

use axum::Router;
use axum::http::header::{self, HeaderName, HeaderValue};
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use tower_http::set_header::SetResponseHeaderLayer;

/// Sent with every response that does not say otherwise.
const FIXED: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    // Whose name does not tell its content: a browser asks whether its copy is still good.
    (header::CACHE_CONTROL, "no-cache"),
    (header::VARY, "accept-encoding"),
];

/// Adds the headers that are the same for all responses, where the response has none of that name.
pub fn add_fixed(router: Router, is_secure: bool) -> Router {
    // A year without TLS is refused by the browser, once it was there.
    let secure = is_secure.then_some((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    FIXED.into_iter().chain(secure).fold(router, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)))
    })
}

/// Allows a page its own files and the inline scripts that carry this response's nonce; called while a page is
/// rendered.
pub fn content_security_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    // `cargo leptos watch` reloads the page through a socket of its own.
    let watch = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws://127.0.0.1:3001" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' blob: data:; font-src 'self'; connect-src 'self'{watch}; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
