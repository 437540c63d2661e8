//! Poison: whatever it is, it is put aside after three faults of its own, and nothing else is.

use primelingo::fail_points::{Action, Point, Rule};

use crate::support::bot::{ANN, Backend, Bot, BotOptions};

flows! {
    both {
        a_step_that_panics,
    }
    sqlite {}
}

async fn a_step_that_panics(backend: Backend) {
    let rule = Rule::always_on(Point::ChatStep.name(), "poison", Action::Panic);
    let mut bot = Bot::start(BotOptions::on(backend).rule(rule)).await;
    bot.expect_error("fail point chat.step");
    bot.expect_leftover("updates put aside");
    bot.say(ANN, "poison").await;
    assert_eq!(bot.acted(Point::ChatStep), 3);
    assert!(bot.reached().contains(&Point::ChatStep));
    bot.finish().await;
}
