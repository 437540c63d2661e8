# Words of the interface. Every key stands in all three languages with the same variables; a test holds that.

## Menu and help
menu-greeting = 👋 Hello, { $name }!
menu-intro = This is the school's study library. Type what you are looking for: a title, a topic, or words from inside a book.
menu-stale = That button was out of date. Here is a fresh menu.
menu-title = What shall we do?
button-search = 🔍 Search
button-browse = 📚 Browse
button-new = 🆕 New
button-settings = ⚙️ Settings
button-help = ❓ Help
button-menu = 🏠 Menu
button-back = ⬅️ Back
button-continue-upload = ▶️ Continue: { $title }
ask-query = 🔍 What are you looking for? Type a title, a topic, a level such as B1, or words from inside a book.
help-title = What I can do
help-search = Type any words to search. I look at titles, tags, and the pages of the books, and I forgive typos.
help-commands =
    /search words – search
    /browse – the catalogue
    /new – what came last
    /favorites – what you keep
    /history – what you were given
    /settings – language, level, notifications
    /requests – what you have asked for
    /privacy – what is kept about you, /mydata – a copy of it, /deletemydata – delete it
    /cancel – stop what we are doing
    /help – this page
help-inline = In any chat, type @{ $bot } and a few words to send a material from there.
help-editor = For editors: just send me a file, and I will ask what it is. /upload goes on with the file that is open. Several files in a row are described together. /drafts shows your drafts, /uploads the files under way, /reports the files that learners say are broken. /edit changes what is published, /archived shows what was taken out, /categories puts the sections in order. /requests shows what people asked for and did not find.

## Settings
settings-title = ⚙️ Settings
settings-language = Language of this conversation: English
language-name = English

## Search
results-header = { $total ->
    [one] One result for
   *[other] { $total } results for
}
results-header-many = { $total } results for
results-corrected = Nothing was found for “{ $text }”. Showing results for
results-page = Page { $page } of { $pages }
spot-whole = Inside
spot-page = p. { $number }
spot-chapter = ch. { $number }
spot-slide = slide { $number }
spot-sheet = sheet { $number }
spot-entries = In its files
nothing-found = 🤷 Nothing was found for “{ $text }”.
nothing-found-hint = Try fewer or other words, or look through the catalogue.
nothing-found-filters = Filters are on. Without them there may be more.
button-clear-filters = ✖️ Without filters
facet-level = Level
facet-kind = Kind
facet-language = Language
facet-any = Any
facet-section = Section
facet-length = Length
facet-ask-section = Which section?
facet-ask-length = How long?
length-short = up to 20 pages or 5 min
length-medium = up to 100 pages or 20 min
length-long = longer
facet-ask-level = Which level?
facet-ask-kind = Which kind?
facet-ask-language = Which language?

## Kinds, languages, measures
kind-book = Books
kind-audio = Audio
kind-video = Video
kind-image = Pictures
kind-archive = Archives
kind-document = Other
language-en = English
language-ru = Russian
language-uz = Uzbek
language-de = German
language-fr = French
language-es = Spanish
language-ar = Arabic
language-tr = Turkish
language-ko = Korean
language-zh = Chinese
language-other = Other
pages = { $count ->
    [one] 1 page
   *[other] { $count } pages
}
chapters = { $count ->
    [one] 1 chapter
   *[other] { $count } chapters
}
slides = { $count ->
    [one] 1 slide
   *[other] { $count } slides
}
sheets = { $count ->
    [one] 1 sheet
   *[other] { $count } sheets
}
moments = { $count ->
    [one] 1 moment
   *[other] { $count } moments
}
files = { $count ->
    [one] 1 file
   *[other] { $count } files
}
bit-rate = { $rate } kbit/s
size-kb = { $size } KB
size-mb = { $size } MB
size-bytes = { $size } B

## Catalogue and lists
catalogue-top = 📚 Catalogue
catalogue-empty = The catalogue is still empty.
catalogue-node-empty = Nothing here yet.
catalogue-choose = Choose a section:
catalogue-all = 📖 All here ({ $count })
shelf-header = { $count ->
    [0] Nothing here yet.
    [one] 1 material
   *[other] { $count } materials
}
newest-header = 🆕 What came last
newest-empty = The library is still empty.

## Delivery
button-share = ↗️ Share
button-fetch = 📥 Get the file
file-gone = 😔 I cannot send this file just now. Please try again later, or ask your teacher for it.
preview-gone = The picture cannot be had just now.
share-text = Look what I found in the study library

## Short answers
notice-unknown-command = I don't know that command. /help shows what I can do.
notice-empty-query = There is nothing to search for in that. Send me a word or two.
notice-query-forgotten = I no longer remember that search. Please type it again.
notice-cannot-read = I can't do anything with that kind of message. Send me words to search for.
notice-editors-only = Only editors can add files. To find something, just type its name.
notice-own-hand = Forwarded messages don't count here. Please write it yourself.
notice-how-to-upload = 📤 Send me a file: a book, a recording, a video or a worksheet. I check and index it while you tell me what it is.
notice-nothing-to-cancel = There is nothing to cancel.
notice-upload-cancelled = 🗑 Cancelled. The file was not kept.
notice-draft-saved = 📝 Saved as a draft: { $title }
notice-publish-waiting = ⏳ “{ $title }” will be published as soon as it has been checked. Its card tells when.
notice-published = ✅ Published: { $title }
notice-duplicate = ♻️ This content is in the library already: { $title }
notice-too-large = ⚠️ This file is too large: at most { $limit } can be uploaded.
notice-queued = { $waiting ->
    [one] 📥 Got { $name } as well. It is next.
   *[other] 📥 Got { $name } as well. { $waiting } files are waiting.
}
notice-queue-full = ⚠️ Too many files are waiting. Please finish some of them first, then send this one again.
notice-material-gone = This material is no longer in the library.
notice-upload-over = That upload is over. Send me the file again to start anew.
notice-dialog-lost = Sorry, I lost track of what we were doing. Let's start again.
notice-apology = 😔 Sorry, something went wrong with your last message, and I put it aside. The school has been told. Number for support: { $id }
notice-language-set = ✅ Done.
button-open = 📖 Open
refused-empty = ⚠️ The file is empty.
refused-too-large = ⚠️ The file is too large.
refused-encrypted = 🔒 The file needs a password. Remove the password and send it again.
refused-broken = ⚠️ The file is damaged and can't be read to its end. Please check it and send it again.
refused-mislabelled = ⚠️ The content of the file is not what its name says. Please check it and send it again.
refused-hostile = ⛔ The file could not be checked within the limits: it takes too much memory or time.
refused-unavailable = ⚠️ Telegram no longer has this file. Please send it again.
refused-no-space = ⚠️ There is no room for this file on our disk. Please send it again later.

## Toasts
toast-not-yours = This is not your button.
toast-out-of-date = This button is out of date.

## Upload
question-title = ✏️ What is it called? Type the title, or accept the suggestion.
question-category = 🗂 Where does it belong? Choose a section, or type the name of a new one.
question-category-inside = 🗂 Inside “{ $name }”. Choose a section, put it here, or type the name of a new section.
question-level = 🎚 For which level?
question-language = 🌐 Which language does it teach?
question-tags = 🏷 Tags, separated by commas? For example: grammar, tests
question-queued = { $queued ->
    [one] One more file is waiting.
   *[other] { $queued } more files are waiting.
}
question-hint = I didn't understand that. Please use the buttons.
question-hint-text = I couldn't use that text. Please try again.
button-take-title = ✅ { $title }
button-put-here = ✅ Put it here
button-up = ⬆️ Up
button-any-level = Any level
button-skip = ⏭ Without tags
button-cancel-upload = ✖️ Cancel
review-title = 👀 Please check
review-file = File
review-name = Title
review-category = Section
review-level = Level
review-language = Language
review-tags = Tags
review-none = –
review-pending = ⏳ The file is still being checked. You can publish now: it will appear when that is done.
review-ready = ✔️ The file has been checked.
button-publish = 🚀 Publish
button-draft = 📝 Save draft
button-use-title = Use the title “{ $title }”
button-change-title = ✏️ Title
button-change-category = 🗂 Section
button-change-level = 🎚 Level
button-change-language = 🌐 Language
button-change-tags = 🏷 Tags

## Progress card
card-received = ⏳ Waiting for a free worker
card-awaiting-room = ⏳ Waiting for room: other files come first
card-downloading = ⬇️ Downloading: { $percent } %
card-downloading-unknown = ⬇️ Downloading: { $size }
card-checking = 🔬 Checking and indexing
card-checking-for = 🔬 Checking and indexing, { $seconds } s so far
card-retrying = 🔁 Something got in the way. Trying again.
card-ready = ✔️ Checked and indexed
card-published = ✅ Published
card-failed = ⚠️ I couldn't process this file and put it aside. The school has been told. Please send the file again.
card-cancelled = 🗑 Cancelled. The file was not kept.
card-indexed = Can be searched inside: { $parts }
card-indexed-whole = Its text can be searched.
card-indexed-none = No text to search inside.
card-found-title = Title in the file: { $title }

## Files under way
uploads-title = 📤 Your files under way
uploads-none = No file of yours is under way.
uploads-waiting = ⏳ Waiting: place { $place } in the queue at most
uploads-downloading = ⬇️ Downloading
uploads-working = ⚙️ Being processed
uploads-more = { $more ->
    [one] … and one more file
   *[other] … and { $more } more files
}
button-withdraw = ✖️ { $name }
button-refresh = 🔄 Refresh

## Commands in Telegram's menu
command-search = Search the library
command-browse = The catalogue
command-new = What came last
command-favorites = What you keep
command-history = What you were given
command-settings = Language, level, notifications
command-help = What I can do
command-cancel = Stop what we are doing
command-upload = Add a file to the library
command-uploads = Your files under way (editors)

## Alerts to the people in charge
alert-head = { $count ->
    [one] 🧯 Something was put aside
   *[other] 🧯 { $count } things were put aside
}
alert-update = Message { $id }: { $cause }
alert-job = Background job { $id }: { $cause }
alert-more = … and { $more } more
alert-advice = To look at them and to try them again: primelingo updates, primelingo jobs
cause-panic = the program failed over it
cause-deadline = it had no end
cause-error = it failed again and again
cause-death = the program died over it

## Bulk upload and drafts
bulk-head = 📚 { $count ->
    [one] 1 file to be described together
   *[other] { $count } files to be described together
}
bulk-head-waiting = 🚀 { $count ->
    [one] Being published, 1 file to go
   *[other] Being published, { $count } files to go
}
bulk-head-published = ✅ { $count ->
    [one] 1 file was published
   *[other] { $count } files were published
}
bulk-head-drafts = 📝 { $count ->
    [one] 1 file was saved as a draft. /drafts shows it.
   *[other] { $count } files were saved as drafts. /drafts shows them.
}
bulk-head-cancelled = 🗑 { $count ->
    [one] Cancelled. 1 file was thrown away.
   *[other] Cancelled. { $count } files were thrown away.
}
bulk-head-over = None of the files could be taken.
bulk-count-pending = ⏳ being checked: { $count }
bulk-count-ready = ✔️ checked: { $count }
bulk-count-waiting = 🚀 to be published: { $count }
bulk-count-published = ✅ published: { $count }
bulk-count-drafts = 📝 drafts: { $count }
bulk-count-duplicates = ♻️ in the library already: { $count }
bulk-count-refused = ❌ not taken: { $count }
bulk-count-cancelled = 🗑 thrown away: { $count }
bulk-beyond = { $count ->
    [one] ⚠️ That is as many as can be described together: 1 more file was not taken. Send it again afterwards.
   *[other] ⚠️ That is as many as can be described together: { $count } more files were not taken. Send them again afterwards.
}
bulk-duplicate = In the library already: { $title }
bulk-ask-rename = ✏️ Which file gets another title?
bulk-ask-title = ✏️ What is “{ $title }” called? Type the title.
bulk-ask-remove = 🗑 Which file is thrown away?
bulk-ask-cancel = { $count ->
    [one] 🗑 Throw 1 file away?
   *[other] 🗑 Throw all { $count } files away?
}
button-bulk-rename = ✏️ Rename
button-bulk-remove = 🗑 Remove
button-bulk-publish = 🚀 Publish all
button-bulk-drafts = 📝 Save all as drafts
button-bulk-cancel = ✖️ Cancel all
button-bulk-cancel-yes = 🗑 Yes, throw them away
button-bulk-continue = ▶️ Continue
notice-in-batch = 📚 This file is in the list with the others now.
notice-bulk-unfinished = { $count ->
    [one] 📚 1 file is waiting to be described.
   *[other] 📚 { $count } files are waiting to be described.
}
notice-finish-first = Please finish or /cancel what is open first.
drafts-header = 📝 Your drafts
drafts-empty = You have no drafts.
## New editions
button-replace = 🔁 Replace the file
button-replace-confirm = ✅ Replace
button-replace-quietly = 🤫 Replace quietly
button-replace-cancel = ✖️ Cancel
button-replace-undo = ↩️ Undo
button-replace-get = 📖 Get it
replace-ask = 🔁 Send me the new file of “{ $title }”. Its title, section, tags and links stay as they are. Nothing changes before you have seen both files side by side.
replace-compare = Replace the file of “{ $title }”?
replace-old = Now
replace-new = New
replace-takers = { $count ->
    [0] Nobody else has taken it so far.
    [one] One person has taken it, and will be told of the new edition unless you replace it quietly.
   *[other] { $count } people have taken it, and will be told of the new edition unless you replace it quietly.
}
replace-done = ✅ Replaced: { $title }
replace-telling = { $count ->
    [one] One person who took the old file will be told.
   *[other] { $count } people who took the old file will be told.
}
replace-offer = 🆕 A new edition of “{ $title }” is there.
replace-told = { $count ->
    [0] 📣 “{ $title }”: there was nobody to be told of the new edition.
    [one] 📣 “{ $title }”: one person is being told of the new edition.
   *[other] 📣 “{ $title }”: { $count } people are being told of the new edition.
}
notice-upload-first = An upload is open. Please finish or cancel it first (/upload goes on with it), then replace the file.
notice-replace-first = You are replacing the file of a material: send me the new file, or /cancel first.
notice-replace-cancelled = Cancelled. The material keeps its file.
notice-replace-over = That replacement is over. Open the material to begin anew.
notice-same-file = 🟰 This is the same file that “{ $title }” has now. Nothing was changed.
notice-replace-overtaken = ⚠️ The file of “{ $title }” was replaced by somebody else meanwhile. Yours has changed nothing.
twin-own-draft = ♻️ You have this content in a draft already: { $title }
twin-own-upload = ♻️ You are uploading this content already: { $title }
twin-others-draft = ♻️ Another editor has this content in a draft.
twin-others-upload = ♻️ Another editor is uploading this content, too. Whoever publishes second is told.
twin-archived = ♻️ This content was in the library before: { $title }

## Broadcasts
help-admin = For admins: /broadcast sends a message to many, /broadcasts shows what is under way and what was sent. /stats shows the school in figures. /alerts shows what is wrong with the bot.
broadcast-head = 📣 New broadcast
broadcast-line-content = Message
broadcast-line-buttons = Buttons
broadcast-line-audience = To
broadcast-line-time = When
broadcast-line-repeat = Repeated
broadcast-line-quiet = Quiet hours
broadcast-line-doubt = When in doubt
broadcast-line-paid = Paid
broadcast-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
broadcast-content-copy = { $count ->
    [one] as you sent it
   *[other] an album of { $count }
}
broadcast-content-named = { $kind } with { $mark }
broadcast-content-text = text
broadcast-content-photo = photo
broadcast-content-video = video
broadcast-content-audio = audio
broadcast-content-document = file
broadcast-content-digest = digest of new materials
broadcast-content-undo = removal of a broadcast
audience-all = Everybody
audience-language = Language: { $name }
audience-active = { $days ->
    [one] Active within { $days } day
   *[other] Active within { $days } days
}
audience-followers = Followers of “{ $name }”
audience-section = Followers of a section
audience-list = A list from a file
audience-digest = Followers of sections with new materials
audience-failed = Those it failed to reach
audience-delivered = Those who got it
role-learner = Learners
role-editor = Editors
role-admin = Admins
role-owner = Owners
broadcast-at-once = At once
broadcast-once = Once
broadcast-daily = Every day
broadcast-weekly = Every week
broadcast-doubt-skip = skip and report
broadcast-doubt-resend = send again
broadcast-price = up to { $stars } Stars
broadcast-ask-content = What shall be sent? Send a text, a photo, a video, a file, an album or a poll, or forward a message. { $mark } in a text becomes each recipient’s first name.
broadcast-ask-buttons = Buttons below it? Write each on a line of its own: Title - https://example.org or Title - material 123
broadcast-ask-audience = Who shall get it?
broadcast-ask-language = Which language?
broadcast-ask-section = Which section?
broadcast-ask-inside = Section “{ $name }”: its followers, or a section inside?
broadcast-ask-role = Which role?
broadcast-ask-time = When? Choose, or write a time: 18:30, tomorrow 9:00, 25.12 9:00. Your time zone is { $zone }; to change it, write another, for example Europe/Moscow.
broadcast-ask-review = Is everything right? Users will see it exactly as in the sample below.
broadcast-ask-price = { $count ->
    [one] Paid sending is faster than 30 messages a second. Each message beyond that costs 0.1 Telegram Stars of the bot’s: up to { $stars } Stars for { $count } message. Switch it on?
   *[other] Paid sending is faster than 30 messages a second. Each message beyond that costs 0.1 Telegram Stars of the bot’s: up to { $stars } Stars for { $count } messages. Switch it on?
}
broadcast-ask-send = { $count ->
    [one] Send it to { $count } person? The answer counts for a minute.
   *[other] Send it to { $count } people? The answer counts for a minute.
}
broadcast-hint-answer = ⚠️ This does not answer the question below.
broadcast-hint-copy = ⚠️ Telegram does not let bots copy such a message. Send another one.
broadcast-hint-long = ⚠️ Too long: with the longest name in place of { $mark } it has { $longest } characters, and Telegram allows { $limit }.
broadcast-hint-album = ⚠️ In an album, { $mark } stays as it is: names are filled only into single messages.
broadcast-hint-parts = { $count ->
    [one] The album has { $count } part now.
   *[other] The album has { $count } parts now.
}
broadcast-hint-pair = ⚠️ Line { $line }: write a title, a dash between blanks, and an address.
broadcast-hint-link = ⚠️ Line { $line }: this is no address that a button can open. It begins with https://
broadcast-hint-material = ⚠️ Line { $line }: there is no such published material.
broadcast-hint-buttons = ⚠️ Too many buttons: { $count } at most.
broadcast-hint-nobody = ⚠️ There is nobody to send it to. Choose others.
broadcast-hint-time = ⚠️ This is neither a time nor a time zone.
broadcast-hint-past = ⚠️ This time has passed.
broadcast-hint-far = ⚠️ This is more than a year ahead.
broadcast-hint-skipped = ⚠️ Clocks are set forward over this time: it does not come.
broadcast-hint-zone = ✔️ Your time zone is { $zone } now.
broadcast-hint-broken = ⚠️ The text cannot be sent: { $reason }
broadcast-hint-sent = 📨 Sent to you: see below.
button-broadcast-keep = ▶️ Keep it
button-broadcast-drop = 🗑 No buttons
button-broadcast-no-buttons = ▶️ No buttons
button-broadcast-cancel = ✖️ Cancel
button-broadcast-pay = ⭐️ Yes, pay
button-broadcast-free = Free of charge
button-broadcast-paid = ⭐️ Faster, paid
button-broadcast-send = 🚀 Send
button-broadcast-send-yes = 🚀 Yes, send it
button-send-to-me = 📨 Send to me first
button-audience-language = By language
button-audience-role = By role
button-audience-followers = ✅ Its followers
button-time-hour = In an hour
button-time-tomorrow = Tomorrow 9:00
button-quiet-on = 🌙 Quiet hours on
button-quiet-off = ☀️ Quiet hours off
button-doubt-skip = When in doubt: skip
button-doubt-resend = When in doubt: send again
button-change-content = ✏️ Message
button-change-buttons = 🔗 Buttons
button-change-audience = 👥 Audience
button-change-time = 🕘 Time
broadcast-admins-only = Only admins may send broadcasts.
broadcast-over = This has already been confirmed or given up. /broadcasts shows what is under way.
broadcast-given-up = 🗑 Cancelled. Nothing was sent.
broadcast-unfinished = 📣 A broadcast waits to be continued.
broadcast-gone = There is no such broadcast any more.
broadcast-done-already = This has been done already.
broadcast-too-late = ⚠️ The question was answered too late. Nothing was done; ask again.
broadcast-nobody-left = There is nobody left whom this would concern.
broadcast-too-old = Telegram lets bots remove messages for 48 hours only.
broadcast-letter-gone = Whoever wrote it had their data deleted: there is nothing left to send.
broadcast-late = ⏰ A broadcast planned for { $time } ({ $zone }) could not begin in time. It begins now.
broadcast-missed = ⏰ A broadcast planned for { $time } ({ $zone }) was not sent: its time had passed by more than an hour.
broadcast-stopped = ⛔ A broadcast was stopped: { $reason }
broadcast-scheduled = 🕘 Broadcast is planned
broadcast-running = 📣 Broadcast is being sent
broadcast-paused = ⏸ Broadcast is paused
broadcast-finished = ✅ Broadcast is done
broadcast-cancelled = ✖️ Broadcast was cancelled
broadcast-halted = ⛔ Broadcast was stopped
broadcast-skipped = ⏰ Broadcast was not sent in time
broadcast-filling = { $count ->
    [one] Recipients so far: { $count }
   *[other] Recipients so far: { $count }
}
broadcast-count-delivered = ✅ delivered: { $count }
broadcast-count-removed = 🗑 removed: { $count }
broadcast-count-blocked = 🚫 out of reach: { $count }
broadcast-count-failed = ❌ failed: { $count }
broadcast-count-doubt = ❔ in doubt: { $count }
broadcast-count-left = ⏳ left: { $count }
broadcast-begins = Begins { $time } ({ $zone })
broadcast-begun = Began { $time } ({ $zone })
broadcast-rate = { $rate } a second
broadcast-time-left = About { $time } left
broadcast-quiet = 🌙 Quiet hours: goes on { $time }
broadcast-reason = Reason: { $reason }
broadcast-took = Took { $time }
broadcast-average = { $rate } a second on average
broadcast-causes = Why it did not reach everybody:
cause-blocked = blocked the bot
cause-deactivated = deleted the account
cause-not-found = chat not found
cause-cannot-initiate = never wrote to the bot
cause-kicked = removed the bot
cause-no-rights = the bot may not write there
cause-message-gone = the message was gone already
cause-bad-content = Telegram refused the message
cause-retries = several attempts failed
cause-in-doubt = no answer: it may or may not have been sent
cause-duplicate = the same chat a second time
button-broadcast-pause = ⏸ Pause
button-broadcast-resume = ▶️ Resume
button-broadcast-stop = ✖️ Cancel
button-broadcast-stop-yes = ✖️ Yes, cancel it
button-broadcast-retry = 🔁 Retry failed
button-broadcast-retry-yes = 🔁 Yes, send again
button-broadcast-undo = ↩️ Undo
button-broadcast-undo-yes = ↩️ Yes, remove it
broadcast-ask-stop = { $count ->
    [one] Cancel this broadcast? { $count } recipient listed so far will not get it.
   *[other] Cancel this broadcast? { $count } recipients listed so far will not get it.
}
broadcast-ask-retry = { $count ->
    [one] Send it again to { $count } person whom it failed to reach?
   *[other] Send it again to { $count } people whom it failed to reach?
}
broadcast-ask-undo = { $count ->
    [one] Remove it for { $count } person who got it? This cannot be taken back.
   *[other] Remove it for { $count } people who got it? This cannot be taken back.
}
broadcast-answer-within = { $seconds ->
    [one] The answer counts for { $seconds } second.
   *[other] The answer counts for { $seconds } seconds.
}
broadcasts-head = 📣 Broadcasts
broadcasts-none = There have been none yet. /broadcast begins one.
broadcasts-open = Running and planned
broadcasts-past = Past
broadcast-series-ended = 🔁 The series is over. What it has sent stays.
broadcast-series-made = 🔁 The series is planned
broadcast-next = next { $time } ({ $zone })
broadcasts-series = Series
button-series-end = ✖️ End 🔁 { $count }
button-series-stop = ✖️ End the series
broadcast-reading-list = 📄 Reading the list…
broadcast-making-table = 📄 The table is being made. It comes as a file.
broadcast-ask-list = Send a .txt or .csv file with an id of a chat in each line.
button-broadcast-export = 📄 Table of all
button-take-list = ✅ Send to this list
## Following and the digest
button-follow = 🔔 Follow
button-unfollow = ✅ Following
digest-heading = 📰 New in the sections you follow
digest-more = { $count ->
    [one] … and 1 more
   *[other] … and { $count } more
}
digest-left = { $count ->
    [one] There is 1 more material in the library.
   *[other] There are { $count } more materials in the library.
}
digest-why = Tap “✅ Following” in a section to hear no more of it.
digest-card = 📰 Weekly digest
digest-what = Once a week, everybody who follows sections gets a list of what came into them. Whoever has nothing new gets nothing.
digest-on = ✅ It goes out weekly: { $day } { $hour }:00 ({ $zone }).
digest-off = It does not go out.
button-digest-on = ✅ Turn on
button-digest-off = ⏹ Turn off
weekday-mon = Mon
weekday-tue = Tue
weekday-wed = Wed
weekday-thu = Thu
weekday-fri = Fri
weekday-sat = Sat
weekday-sun = Sun
## Files about audiences
list-read = { $count ->
    [one] 📋 1 chat was read from the file.
   *[other] 📋 { $count } chats were read from the file.
}
list-repeated = { $count ->
    [one] 1 line repeats a chat and was left out.
   *[other] { $count } lines repeat a chat and were left out.
}
list-odd = { $count ->
    [one] ⚠️ Line { $line } is not a chat id and was left out.
   *[other] ⚠️ { $count } lines are not chat ids and were left out, the first is line { $line }.
}
list-failed = ⚠️ The file could not be fetched from Telegram. Please send it again.
list-too-large = ⛔ The file is too large: 20 MB at most.
list-too-many-lines = ⛔ The file has more than 5,000,000 lines.
list-not-text = ⛔ This is not a text file. Send a TXT or CSV file with one chat id per line.
list-nobody = ⛔ There is no chat id in this file. Send a TXT or CSV file with one chat id per line.
list-no-space = ⛔ There is no room for this file on the server just now.
table-caption = { $count ->
    [one] 📄 How the broadcast ended: 1 recipient
   *[other] 📄 How the broadcast ended: { $count } recipients
}
table-too-large = 📄 The table of { $count } recipients is larger than Telegram takes. It can be had on the server.
table-failed = ⚠️ The table could not be made. Please ask for it again.

## Desk
button-edit = ✏️ Edit
button-archive = 🗄 Archive
button-restore = ♻️ Restore
button-undo-change = ↩️ Undo the last change
button-edit-sections = 🛠 Edit sections
button-desk-cancel = ✖️ Cancel
button-section-new = ➕ New section here
button-section-rename = ✏️ Rename
button-section-move = 📦 Move
button-section-merge = 🔗 Merge
button-section-delete = 🗑 Delete
button-section-move-here = ✅ Put it here
button-section-merge-here = ✅ Merge into this one
button-section-merge-confirm = 🔗 Merge
button-section-delete-confirm = 🗑 Delete
desk-editors-only = Only editors can do that.
desk-owners-only = Only owners can see that.
desk-how-to-edit = ✏️ Find the material, open it and press “Edit” below the file. Or send /edit with words to search for, or with the number of the material.
desk-left = Cancelled. Nothing was changed.
desk-published = published
desk-archived = archived: learners do not find it
desk-edition = { $count ->
    [0] Edition { $number } · nobody has taken it yet
    [one] Edition { $number } · taken by 1 person
   *[other] Edition { $number } · taken by { $count } people
}
desk-saved = ✅ Saved.
desk-taken-out = 🗄 Archived. Learners do not find it any more; its file stays.
desk-restored = ✅ Restored. Learners find it again.
desk-undone = ↩️ The last change was taken back.
desk-overtaken = ⚠️ Somebody has changed this material meanwhile, so nothing was done. This is how it stands now.
desk-nothing-to-undo = There is nothing to take back here.
desk-section-gone = ⚠️ That section is not there any more. Nothing was changed.
desk-double = ⛔ The same content was published meanwhile as “{ $title }”. This one stays archived.
archived-header = 🗄 Archived
archived-empty = 🗄 Nothing is archived.
sections-top = All sections
sections-choose = Choose a section, or add one here.
sections-none = There are no sections below it.
sections-counts = Published here: { $here } · with all below: { $within }
sections-counts-kept = Published here: { $here } · with all below: { $within } · archived or waiting: { $kept }
sections-created = ✅ “{ $name }” was created.
sections-renamed = ✅ Renamed.
sections-moved = ✅ Moved.
sections-merged = ✅ “{ $name }” was merged. Its links and buttons lead to the other section; if it was large, its materials follow within moments.
sections-deleted = ✅ “{ $name }” was deleted.
sections-misfit-gone = ⚠️ That section is not there any more.
sections-misfit-within = ⛔ A section cannot be put below itself.
sections-misfit-deep = ⛔ That would be too deep: at most 8 sections above one another.
sections-misfit-many = ⛔ There is no room: at most 60 sections stand below one.
sections-misfit-name = ⛔ There is a section of that name here.
sections-misfit-full = ⛔ Something stands in this section. Move or merge it first.
sections-name-empty = ⛔ There is nothing to read in that name.
sections-name-overtaken = ⚠️ Somebody has renamed this section meanwhile.
sections-ask-new = What is the new section in “{ $name }” called?
sections-ask-new-top = What is the new section called?
sections-ask-rename = “{ $name }”: what shall it be called?
sections-pick-move = Where does “{ $name }” go?
sections-pick-merge = What does “{ $name }” become part of?
sections-merge-ask = Merge “{ $from }” into “{ $to }”?
sections-merge-materials = { $count ->
    [0] There are no materials in it.
    [one] 1 material moves.
   *[other] { $count } materials move.
}
sections-merge-moved = { $moved ->
    [one] 1 section below it moves.
   *[other] { $moved } sections below it move.
}
sections-merge-joined = { $joined ->
    [one] 1 section of the same name becomes one with its namesake.
   *[other] { $joined } sections of the same name become one with their namesakes.
}
sections-merge-note = Followers, links and old buttons of “{ $from }” lead to “{ $to }”. This cannot be undone.
sections-delete-ask = Delete the empty section “{ $name }”? Its links and followers are lost.
sections-delete-drafts = { $count ->
    [one] 1 draft will be asked for a section again.
   *[other] { $count } drafts will be asked for a section again.
}
audit-header = 📜 Who did what
audit-empty = 📜 Nothing was done yet.
audit-command-line = command line
audit-all = All
audit-materials = Materials
audit-sections = Sections
audit-people = People
audit-broadcasts = Broadcasts
audit-reports = Reports
audit-publish = 📥 Published
audit-edit = ✏️ Edited
audit-archive = 🗄 Archived
audit-restore = ♻️ Restored
audit-undo = ↩️ Taken back
audit-replace = 🔁 File replaced
audit-create-section = ➕ Section created
audit-rename-section = ✏️ Section renamed
audit-move-section = 📦 Section moved
audit-merge-section = 🔗 Section merged
audit-delete-section = 🗑 Section deleted
audit-set-role = 🔑 Role given
audit-create-broadcast = 📣 Broadcast confirmed
audit-control-broadcast = 📣 Broadcast controlled
audit-set-series = 🔁 Series changed
audit-settle-report = 🩹 Report settled
help-owner = For owners: /audit shows who did what.

## Shelf
button-favourites = ⭐ Favourites
button-history = 🕘 History
button-favourite-off = ☆ Keep
button-favourite-on = ★ Kept
button-alike = 🧩 More like this
button-report = ⚠️ Report
button-private = ✉️ Write to me
favourites-header = ⭐ What you keep
favourites-empty = You keep nothing yet. Press ☆ below a file, and you find it here.
history-header = 🕘 What you were given
history-empty = You were given nothing yet.
alike-header = 🧩 Like “{ $title }”
shelf-header-many = 1,000+ materials
catalogue-all-many = 📖 All here (1,000+)
settings-study = I study: { $language }
settings-level = My level: { $level }
settings-any = any
settings-told = Notifications: on
settings-muted = Notifications: off. I write only when you write to me, or when the school sends a letter.
settings-quiet = Quiet hours: { $hours }
settings-no-quiet = none
settings-zone = Time zone: { $zone } (it is { $time } there)
settings-no-zone = Time zone: not chosen
settings-ask-language = Which language do you study? Its materials come a little earlier.
settings-ask-level = What is your level? Its materials come a little earlier.
settings-ask-quiet = In which hours shall I be quiet?
settings-ask-zone = Where are you? Another place can be written: /settings Europe/Paris
button-study = 🎓 I study
button-level = 📶 My level
button-mute = 🔕 No notifications
button-unmute = 🔔 Notifications
button-quiet = 🌙 Quiet hours
button-zone = 🕒 Time zone
reason-unreadable = Does not open
reason-wrong-file = Wrong file
reason-bad-quality = Bad quality
reason-other = Something else
broken-told = ⚠️ A learner says that this file is broken:
broken-header = ⚠️ Files that learners say are broken
broken-empty = No file is said to be broken. 👍
broken-count = { $count ->
    [one] 1 person says so
   *[other] { $count } people say so
}
broken-settled = 🛠 Thank you for telling us: “{ $title }” has been looked after.
button-settle = ✅ Settled
button-reports = ⚠️ All reports
notice-private-only = That is between the two of us. Write to me in our own chat.
notice-kept = ★ Kept. /favorites shows what you keep.
notice-nothing-alike = I know of nothing like it yet.
notice-report-thanks = 🙏 Thank you. An editor will look at it.
notice-report-too-many = That is a lot for one day. Please report the rest tomorrow.
notice-no-such-zone = I don't know that time zone. Write it like this: /settings Asia/Tashkent
notice-settled = { $count ->
    [0] ✅ Settled: { $title }
    [one] ✅ Settled: { $title }. I told one person.
   *[other] ✅ Settled: { $title }. I told { $count } people.
}
notice-settled-left = { $count ->
    [one] One more says so: open it once more.
   *[other] { $count } more say so: open it once more.
}
notice-nothing-broken = That is settled already.

## Notices
button-ask-for-it = 🙋 Ask for it
button-own-requests = 🙋 My requests
button-decline = 🚫 Decline
button-unfollow-section = 🔕 Unfollow
command-requests = What you have asked for
command-privacy = What is kept about you
request-people = { $count ->
    [one] 1 person asks for it
   *[other] { $count } people ask for it
}
request-noted = 🙋 Noted: “{ $words }”. I will write to you as soon as there is an answer.
request-already = You have asked for “{ $words }” already. I will write to you as soon as there is an answer.
request-too-many = You have 20 open requests. Take one back before you ask for more.
request-gone = This request is settled already.
request-declined = 🙋 You asked for “{ $words }”. The school will not have it, I am sorry.
request-is-answered = ✅ it is in the library
request-is-declined = 🚫 declined
requests-own = 🙋 What you have asked for
requests-own-none = Nothing yet. When a search finds nothing, you can ask for it there.
requests-wanted = 🙋 What people ask for
requests-none = 🙋 Nobody asks for anything.
request-which-fits = Does one of these answer it?
request-nothing-fits = Nothing in the library fits these words yet. Whoever asks is told when something is published.
request-settled-answered = { $count ->
    [one] ✅ “{ $words }” is answered. The person who asked is told.
   *[other] ✅ “{ $words }” is answered. { $count } people are told.
}
request-settled-declined = { $count ->
    [one] 🚫 “{ $words }” is declined. The person who asked is told.
   *[other] 🚫 “{ $words }” is declined. { $count } people are told.
}
catalogue-followed = 🔔 You are told at once of what comes into this section.
news-followed = 🔔 New in a section you follow
news-asked = 🙋 You asked for it, and here it is
## Privacy
privacy-head = 🔐 What is kept about you
privacy-profile = Your Telegram number, name, language, role and settings: to talk with you.
privacy-dialog = The dialog you are in: to go on where you stopped.
privacy-messages = What you send to the bot: to lose nothing of it. Its text goes first; what could not be answered stays longest.
privacy-answers = What the bot sends to you: to send it once.
privacy-searches = The words of your searches: so that their buttons work.
privacy-reading = What you took and marked: for your lists, and to tell you of new editions.
privacy-follows = The sections you follow: to tell you of what is new.
privacy-requests = What you asked for: to tell you when it comes.
privacy-letters = Which letters of the school you got: to send each once.
privacy-work = What you did as an editor or admin: so that it is known whose work it is.
privacy-jobs = Background work for you: to do it once.
privacy-until-erased = Until you delete it.
privacy-rules = /mydata sends you a copy of all of it, /deletemydata erases it. Backups of the school's database are overwritten in turn.
privacy-exporting = 📄 I am putting your data together. It comes as a file.
privacy-copy = 📄 What is kept about you
privacy-too-often = 📄 You had a copy within the last hour. Please ask again later.
privacy-no-copy = ⚠️ The copy could not be made. Please ask again in an hour.
privacy-ask = 🗑 Delete everything about you?
privacy-ask-what = Your profile, settings, lists, requests, searches and everything that was written here are erased from the bot's database. This cannot be taken back. What is in this chat is yours: delete it in Telegram.
privacy-ask-editor = Materials that you have published stay in the library, without your name. Drafts and open uploads are thrown away. Your role goes, too.
privacy-ask-owner = You are an owner by configuration: your Telegram number stays in the configuration file, and you are an owner again as soon as you write here.
privacy-ask-last-admin = ⚠️ You are the last admin. After this nobody administers the bot until somebody gets the role on the server.
privacy-ask-within = The answer counts for 60 seconds.
privacy-under-way = 📣 A broadcast of yours is planned or under way. Cancel it or wait for its end, then ask again: /broadcasts
privacy-too-late = The answer came too late, nothing was deleted. /deletemydata asks again.
privacy-erasing = 🗑 Everything about you is being erased…
privacy-kept = Nothing was deleted.
privacy-erased = ✅ Everything about you is erased, this message's own trace included. If you write again, we begin anew.
button-my-data = 📄 Send me a copy
button-delete-my-data = 🗑 Delete everything
button-erase = 🗑 Yes, delete everything
button-keep = ⬅️ No, keep it

## Statistics
stats-title-7 = Statistics for 7 days
stats-title-30 = Statistics for 30 days
stats-title-90 = Statistics for 90 days
stats-as-of = As of { $time } UTC
stats-none = No figures yet.
stats-counting = ⏳ Counting anew. Press “Refresh” in a moment.
stats-users = { $users } users
stats-joined = { $count } new
stats-active = Active: { $day } today · { $week } in 7 days · { $month } in 30 days
stats-reachable = Can be written to: { $count } ({ $percent }%)
stats-retention = Came back, by the week of joining
stats-cohort-size = new
stats-library = Library
stats-materials = { $count } materials
stats-published = { $count } new
stats-deliveries = Taken: { $day } today · { $week } in 7 days · { $all } in { $days } days
stats-deliveries-week = Taken: { $day } today · { $week } in 7 days
stats-top-materials = Taken most often:
stats-searches-head = Searches
stats-searches = { $day } today · { $week } in 7 days · { $all } in { $days } days
stats-searches-week = { $day } today · { $week } in 7 days
stats-empty-share = Nothing found: { $percent }%
stats-top-searches = Searched for most often:
stats-top-empty = Searched for and not found:
stats-three = Only words that three people or more have searched for.
stats-admins-only = Only admins see the statistics.
stats-failed = ⚠️ This file could not be made. Ask for it again.
button-stats-7 = 7 days
button-stats-30 = 30 days
button-stats-90 = 90 days
button-stats-chart = 📈 Chart
button-stats-table = 📄 CSV
chart-users = Users
chart-active = Active
chart-active-day = in a day
chart-active-week = in 7 days
chart-active-month = in 30 days
chart-deliveries = Materials taken
chart-searches = Searches
chart-searches-all = all
chart-searches-empty = nothing found

## Alerts
audit-alerts = Alerts
audit-ack-alert = ✋ Alert taken over
audit-silence-alert = 🔇 Alert silenced
audit-end-silence = 🔊 Silence ended
alert-admins-only = Only admins see the alerts.
alert-storm = { $count } alerts, { $open } open
alert-open = { $count ->
    [one] { $count } alert
   *[other] { $count } alerts
}
alert-none = Nothing is wrong
alert-since = since { $time }
alert-again = for the { $count }. time in a row
alert-acked = { $name } looks after it
alert-somebody = somebody
alert-silent-until = silent until { $time }
alert-silenced = Silenced
alert-silence = { $title }: until { $time } ({ $name })
alert-still = Still so, for { $lasted } now, and nobody looks after it.
alert-seconds = { $count } s
alert-minutes = { $count } min
alert-hours = { $hours } h { $minutes } min
button-ack = ✋ I look after it
button-silence-1 = 🔇 1 h
button-silence-8 = 🔇 8 h
button-end-silence = 🔊 { $name }
alert-rule-database-down = The database does not answer
alert-rule-database-down-advice = Nothing can be taken in or answered until it is back.
alert-rule-redis-down = Redis does not answer
alert-rule-redis-down-advice = The bot goes on with its own memory; nothing is lost.
alert-rule-telegram-refusing = Telegram refuses or fails calls
alert-rule-telegram-refusing-advice = Answers may come late. See status of Telegram and the network.
alert-rule-token-rejected = Telegram does not accept the bot’s token
alert-rule-token-rejected-advice = Was it revoked? Set the new one and restart the bot.
alert-rule-poll-stalled = The bot is deaf: no updates come in
alert-rule-poll-stalled-advice = It tries by itself. If it stays so, restart the bot and look at the network.
alert-rule-poll-conflict = Somebody else polls with the same token
alert-rule-poll-conflict-advice = Stop the other bot, or give it a token of its own.
alert-rule-updates-late = Updates wait too long
alert-rule-updates-late-advice = People write and get no answer. Look at the database and at the chats’ turns.
alert-rule-queue-stuck = Background jobs are stuck
alert-rule-queue-stuck-advice = The oldest has waited for minutes. Look at the workers: primelingo jobs list
alert-rule-dead-jobs = Many jobs were given up
alert-rule-dead-jobs-advice = To look at them and to try them again: primelingo jobs
alert-rule-no-workers = Jobs wait, and no worker lives
alert-rule-no-workers-advice = Start a worker: primelingo worker
alert-rule-broadcast-stalled = A broadcast stands still
alert-rule-broadcast-stalled-advice = It is neither paused nor done. See /broadcasts and what Telegram answers.
alert-rule-actor-restarting = A part of the bot restarts again and again
alert-rule-actor-restarting-advice = The log says why it dies.
alert-rule-actor-down = A part of the bot does not run
alert-rule-actor-down-advice = Restart the bot; the log says what has ended it.
alert-rule-mailbox-full = A part of the bot cannot keep up
alert-rule-mailbox-full-advice = Its mailbox is almost full. Look at the load and at the database.
alert-rule-loop-lag = An event loop is held up
alert-rule-loop-lag-advice = Something computes for too long in between. Answers come late.
alert-rule-panics = The program has panicked
alert-rule-panics-advice = It went on by itself. The log says where it was; please report it.
alert-rule-disk-nearly-full = The disk is nearly full
alert-rule-disk-nearly-full-advice = New files wait or are refused. Make room.
alert-rule-backup-stale = The newest backup is too old
alert-rule-backup-stale-advice = Nothing newer was proven by restoring it. See the newest job make_backup, or make one: primelingo backup create.
alert-rule-webhook-forged = Somebody forges webhook calls
alert-rule-webhook-forged-advice = They are refused. See who calls, and change the secret if you doubt it.
alert-rule-auth-failures = Somebody guesses passwords
alert-rule-auth-failures-advice = Sign-ins fail again and again. See who calls, and close the address to the world.
alert-rule-watchdog-silent = Prometheus or Alertmanager is silent
alert-rule-watchdog-silent-advice = Its sign of life has not come for ten minutes: alerts from there may be missing.
# Dashboard
audit-jobs = Jobs
audit-program = Program
audit-control-job = ⚙️ Jobs
audit-control-queue = ⏯ Queue
audit-control-program = 🖥 Program
help-dashboard = For the team: /dashboard gives a link to the page that shows how the bot is doing.
dashboard-link = 🖥 Your link to the dashboard. It works once, for 10 minutes, and only for you:
dashboard-off = The dashboard is switched off. Whoever runs the bot can set web.listen.
dashboard-staff-only = The dashboard is for the school’s team.

owner-now = ✅ You are an owner of this bot now. /help shows what you can do; you give others their roles with “primelingo users role”.
owner-already = You are an owner already.
owner-code-unknown = This link has been used, or is too old. Whoever runs the bot makes a new one with “primelingo users owner-code”.

# Privacy, more
audit-erased = somebody who was erased
privacy-days = { $days ->
    [one] For { $days } day at most.
   *[other] For { $days } days at most.
}
privacy-days-between = { $days ->
    [one] For { $from } to { $days } day.
   *[other] For { $from } to { $days } days.
}

## People
shut-out = 🚫 The school has closed this bot for you. If you think that this is a mistake, write to the school. /privacy, /mydata and /deletemydata go on working.
toast-shut-out = The school has closed this bot for you.
people-admins-only = Only admins look for people. If you should be one, ask an owner.
roles-owners-only = Only owners give roles.
people-ask = 👥 Who are you looking for? Send a number, an @name or a name. /cancel ends this.
people-nobody = I know nobody like that. A number works also for people who never wrote to me.
people-found = 👥 Found
people-staff = 🔑 People with a role
people-more = There are more: send a longer piece of the name.
people-unknown = (unknown)
people-number = Number
people-role = Role
people-by-configuration = (by configuration)
people-seen = Last seen
people-never = never
people-is-banned = 🚫 Banned
people-banned = 🚫 Banned. The bot is closed for this person from now on.
people-unbanned = ✅ Unbanned. The bot is open for this person again, without a role.
people-role-given = ✅ The role is changed.
people-not-yourself = Nobody decides about themselves. Another owner can do it.
people-not-an-owner = An owner cannot be banned. Take the role first: /admins
people-not-your-rank = For this person your role is not high enough. Ask an owner.
people-configured = This owner is named in the configuration (access.owners). Change it there.
people-unban-first = This person is banned. Unban them first.
people-so-already = It is so already.
people-too-late = That was too long ago, and nothing was done. Press the button again.
people-ask-ban = 🚫 Ban { $who }? The bot does not answer them any more and sends them nothing; a role is lost. They are told once.
people-ask-unban = Unban { $who }? The bot is open for them again, as for a learner.
people-ask-role = 🔑 { $who }: change the role to “{ $role }”?
people-ask-within = The answer counts for 60 seconds.
rank-learner = learner
rank-editor = editor
rank-admin = admin
rank-owner = owner
button-ban = 🚫 Ban
button-unban = ✅ Unban
button-make-learner = 👤 Take the role
button-make-editor = ✏️ Make editor
button-make-admin = 📣 Make admin
button-make-owner = 🔑 Make owner
button-find-person = 👥 Find another
button-yes-do-it = ✅ Yes, do it
button-no-leave-it = ⬅️ No, leave it
audit-ban = 🚫 Banned
audit-unban = ✅ Unbanned
help-people = /users finds people; there you ban and unban them.
help-staff = /admins shows who has a role, and changes it.

## Failed jobs
jobs-admins-only = Only admins see failed jobs. If you should be one, ask an owner.
jobs-head = ⚙️ Background work that failed
jobs-none = ✅ No background work has failed.
jobs-count = { $count ->
    [one] 1 job
   *[other] { $count } jobs
}
jobs-more = There are { $count } more groups; these are the largest.
jobs-again = 🔁 Another try for { $count ->
    [one] 1 job.
   *[other] { $count } jobs.
}
jobs-dropped = 🗑 Dropped: { $count ->
    [one] 1 job.
   *[other] { $count } jobs.
}
jobs-gone = There is no such group any more: somebody has dealt with it.
jobs-ask-drop = 🗑 Drop { $count ->
    [one] 1 job
   *[other] { $count } jobs
} for good? What they were to do is not done.
button-jobs-retry = 🔁 Try again
button-jobs-drop = 🗑 Drop
button-jobs-show = 🔄 Show again
help-jobs = /jobs shows background work that failed: try it again, or drop it.

# Limits
notice-too-much = ⏳ That was a lot at once. I left some of it out; wait a few seconds and ask again.
