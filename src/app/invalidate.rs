//! An operator's word, from the command line: what is kept of some sets is no longer right.

use crate::service::{set_name, sets_of_table};

use super::{Prepared, StartError, wiring};

/// Tells all replicas that share the configured Redis to drop what they keep of these sets. Without a service's name,
/// the first is meant.
pub async fn invalidate(prepared: &Prepared, service: Option<&str>, sets: &[String]) -> Result<(), StartError> {
    let index = wiring::service_index(prepared, service)?;
    let model = prepared.models.get(index).ok_or(StartError::NoService)?;
    let mut names = Vec::with_capacity(sets.len());
    for set in sets {
        let Some(id) = model.declared(set) else {
            return Err(StartError::UnknownSet { name: set.clone(), service: model.service.clone() });
        };
        let of_table = sets_of_table(model, id).filter_map(|id| model.set(id));
        names.extend(of_table.map(|set| set_name(model, set)));
    }
    let Some(redis) = wiring::redis(prepared)? else { return Err(StartError::NoRedis) };
    redis.raise(&names).await.map_err(|error| StartError::Redis(error.to_string()))
}
