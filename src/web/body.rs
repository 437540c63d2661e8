//! Bodies of requests to the admin listener: all of it within a limit of size and time, or a status.

use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web;
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};

/// Refuses what is said to be too large, before any of it is read.
pub fn check_length(headers: &HeaderMap, limit: usize) -> Result<(), StatusCode> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let is_large = length.is_some_and(|it| it.parse::<usize>().is_ok_and(|it| it > limit));
    if is_large { Err(StatusCode::PAYLOAD_TOO_LARGE) } else { Ok(()) }
}

/// The whole body.
pub async fn read(
    payload: web::Payload,
    limit: usize,
    within: Duration,
) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(within, payload.to_bytes_limited(limit)).await {
        Err(_elapsed) => Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(_limit)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Ok(Err(_broken))) => Err(StatusCode::BAD_REQUEST),
        Ok(Ok(Ok(body))) => Ok(body),
    }
}

/// Reads the body before a handler does, which would wait for it for ever.
pub async fn collect(
    request: &mut ServiceRequest,
    limit: usize,
    within: Duration,
) -> Result<(), StatusCode> {
    check_length(request.headers(), limit)?;
    let payload = request.extract::<web::Payload>().await.map_err(|_| StatusCode::BAD_REQUEST)?;
    let body = read(payload, limit, within).await?;
    let whole = futures_util::future::ready(Ok(body)).into_stream().boxed_local();
    request.set_payload(Payload::Stream { payload: whole });
    Ok(())
}
