//! Owns [`Queue`]: who waits in front of a source, and whose turn it is. Callers take turns, so one who has sent many
//! requests delays another by one of them, not by all. Knows no time and wakes nobody.

use std::collections::VecDeque;

/// Waiting requests, a lane for each caller.
pub(super) struct Queue<T> {
    /// The first lane has the next turn.
    lanes: VecDeque<Lane<T>>,
    fresh: usize,
    serial: u64,
}

struct Lane<T> {
    caller: u64,
    /// Statements of requests that have begun: before the others, for work is lost with them.
    started: VecDeque<(u64, T)>,
    fresh: VecDeque<(u64, T)>,
}

impl<T> Lane<T> {
    fn len(&self) -> usize {
        self.started.len() + self.fresh.len()
    }
}

impl<T> Queue<T> {
    /// Nobody waits.
    pub(super) fn new() -> Self {
        Queue { lanes: VecDeque::new(), fresh: 0, serial: 0 }
    }

    /// How many requests wait that have not begun.
    pub(super) fn fresh(&self) -> usize {
        self.fresh
    }

    /// How many statements wait.
    pub(super) fn len(&self) -> usize {
        self.lanes.iter().map(Lane::len).sum()
    }

    /// Adds one at the end of its caller's lane; gives the number by which it can be taken out.
    pub(super) fn push(&mut self, caller: u64, is_started: bool, item: T) -> u64 {
        self.serial += 1;
        let serial = self.serial;
        if self.lane(caller).is_none() {
            self.lanes.push_back(Lane { caller, started: VecDeque::new(), fresh: VecDeque::new() });
        }
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.caller == caller) {
            if is_started {
                lane.started.push_back((serial, item));
            } else {
                lane.fresh.push_back((serial, item));
                self.fresh += 1;
            }
        }
        serial
    }

    /// Takes out the one whose turn it is.
    pub(super) fn pop(&mut self) -> Option<T> {
        let mut lane = self.lanes.pop_front()?;
        let item = match lane.started.pop_front() {
            Some(item) => Some(item),
            None => lane.fresh.pop_front().inspect(|_| self.fresh -= 1),
        };
        if lane.len() > 0 {
            self.lanes.push_back(lane);
        }
        item.map(|(_, item)| item)
    }

    /// Takes out one that waits no longer. False if it is not here any more.
    pub(super) fn remove(&mut self, caller: u64, serial: u64) -> bool {
        let Some(place) = self.lanes.iter().position(|lane| lane.caller == caller) else { return false };
        let Some(lane) = self.lanes.get_mut(place) else { return false };
        let find = |items: &VecDeque<(u64, T)>| items.iter().position(|(number, _)| *number == serial);
        let removed = if let Some(at) = find(&lane.fresh) {
            self.fresh -= 1;
            lane.fresh.remove(at)
        } else if let Some(at) = find(&lane.started) {
            lane.started.remove(at)
        } else {
            return false;
        };
        if lane.len() == 0 {
            self.lanes.remove(place);
        }
        removed.is_some()
    }

    /// How many come before the next request of this caller.
    pub(super) fn ahead(&self, caller: u64) -> usize {
        let own = self.lane(caller).map_or(0, Lane::len);
        let others = self.lanes.iter().filter(|lane| lane.caller != caller);
        own + others.map(|lane| lane.len().min(own + 1)).sum::<usize>()
    }

    /// Takes out the newest request of the caller with the most, if that are more than this caller would have with one
    /// more: in a full queue room is made for whoever has less.
    pub(super) fn push_out(&mut self, caller: u64) -> Option<T> {
        let own = self.lane(caller).map_or(0, |lane| lane.fresh.len());
        let longest = self.lanes.iter_mut().max_by_key(|lane| lane.fresh.len())?;
        if longest.fresh.len() <= own + 1 {
            return None;
        }
        let item = longest.fresh.pop_back().map(|(_, item)| item);
        self.fresh -= 1;
        item
    }

    /// Whether others wait beside this caller, and it has at least an equal part of the queue: then it is this caller
    /// who is too many, not the source that has too little.
    pub(super) fn is_share_used(&self, caller: u64) -> bool {
        let own = self.lane(caller).map_or(0, |lane| lane.fresh.len());
        self.lanes.len() > 1 && own > 0 && own * self.lanes.len() >= self.fresh
    }

    fn lane(&self, caller: u64) -> Option<&Lane<T>> {
        self.lanes.iter().find(|lane| lane.caller == caller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(queue: &mut Queue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn callers_take_turns() {
        let mut queue = Queue::new();
        for item in ["a1", "a2", "a3", "a4"] {
            queue.push(1, false, item);
        }
        queue.push(2, false, "b1");
        queue.push(3, false, "c1");
        queue.push(3, false, "c2");
        assert_eq!((queue.ahead(1), queue.ahead(2), queue.ahead(3), queue.ahead(4)), (7, 5, 6, 3));
        assert_eq!(drained(&mut queue), ["a1", "b1", "c1", "a2", "c2", "a3", "a4"]);
        assert_eq!((queue.fresh(), queue.len(), queue.ahead(1)), (0, 0, 0));
    }

    #[test]
    fn statements_of_requests_that_have_begun_come_first_within_their_lane() {
        let mut queue = Queue::new();
        for (caller, is_started, item) in
            [(1, false, "a1"), (1, true, "a2"), (2, false, "b1"), (2, false, "b2"), (1, true, "a3")]
        {
            queue.push(caller, is_started, item);
        }
        assert_eq!((queue.fresh(), queue.len()), (3, 5));
        assert_eq!(drained(&mut queue), ["a2", "b1", "a3", "b2", "a1"]);
    }

    #[test]
    fn who_leaves_frees_the_place_and_takes_no_turn() {
        let mut queue = Queue::new();
        let first = queue.push(1, false, "a1");
        let second = queue.push(1, true, "a2");
        queue.push(2, false, "b1");
        assert!(queue.remove(1, first) && !queue.remove(1, first) && !queue.remove(2, first));
        assert_eq!(queue.fresh(), 1);
        assert!(queue.remove(1, second));
        assert_eq!(queue.ahead(2), 1);
        assert_eq!(drained(&mut queue), ["b1"]);
        assert!(!queue.remove(2, 3));
    }

    #[test]
    fn room_is_made_at_the_cost_of_whoever_has_most() {
        let mut queue = Queue::new();
        for item in ["a1", "a2", "a3"] {
            queue.push(1, false, item);
        }
        queue.push(1, true, "begun");
        queue.push(2, false, "b1");
        assert!(queue.is_share_used(1) && !queue.is_share_used(2) && !queue.is_share_used(3));
        assert_eq!(queue.push_out(1), None, "nobody has more");
        assert_eq!(queue.push_out(3), Some("a3"));
        queue.push(3, false, "c1");
        assert_eq!(queue.push_out(2), None, "two against two is no reason");
        assert_eq!(queue.push_out(4), Some("a2"));
        assert_eq!(queue.push_out(4), None, "what has begun stays");
        assert_eq!(drained(&mut queue), ["begun", "b1", "c1", "a1"]);
    }

    #[test]
    fn a_caller_alone_has_no_share_to_exceed() {
        let mut queue = Queue::new();
        for item in ["a1", "a2"] {
            queue.push(1, false, item);
        }
        assert!(!queue.is_share_used(1));
    }
}
