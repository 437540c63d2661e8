# Words of the interface. Every key stands in all three languages with the same variables; a test holds that.

## Menu and help
menu-greeting = 👋 Здравствуйте, { $name }!
menu-intro = Это учебная библиотека школы. Напишите, что ищете: название, тему или слова из самой книги.
menu-stale = Эта кнопка устарела. Вот новое меню.
menu-title = Что будем делать?
button-search = 🔍 Поиск
button-browse = 📚 Каталог
button-new = 🆕 Новинки
button-settings = ⚙️ Настройки
button-help = ❓ Помощь
button-menu = 🏠 Меню
button-back = ⬅️ Назад
button-continue-upload = ▶️ Продолжить: { $title }
ask-query = 🔍 Что ищете? Напишите название, тему, уровень (например, B1) или слова из самой книги.
help-title = Что я умею
help-search = Чтобы найти материал, напишите любые слова. Я ищу по названиям, тегам и страницам книг, а опечатки не страшны.
help-commands =
    /search слова — поиск
    /browse — каталог
    /new — новинки
    /favorites — избранное
    /history — что вы получали
    /settings — язык, уровень, уведомления
    /requests – о чём вы просили
    /privacy – что о вас хранится, /mydata – копия, /deletemydata – удалить
    /cancel — отменить текущее действие
    /help — эта справка
help-inline = В любом чате наберите @{ $bot } и несколько слов, чтобы отправить туда материал.
help-editor = Редакторам: просто пришлите файл, и я спрошу, что это. /upload — вернуться к начатому файлу. Несколько файлов подряд описываются вместе. /drafts — ваши черновики, /uploads — файлы в работе, /reports — файлы, на которые жалуются ученики. /edit изменяет опубликованное, /archived показывает архив, /categories приводит разделы в порядок. /requests показывает, о чём просят и чего не нашли.

## Settings
settings-title = ⚙️ Настройки
settings-language = Язык этого чата: Русский
language-name = Русский

## Search
results-header = { $total ->
    [one] { $total } результат по запросу
    [few] { $total } результата по запросу
   *[many] { $total } результатов по запросу
}
results-header-many = { $total } результатов по запросу
results-corrected = По запросу «{ $text }» ничего не нашлось. Показаны результаты по запросу
results-page = Страница { $page } из { $pages }
spot-whole = Внутри
spot-page = с. { $number }
spot-chapter = гл. { $number }
spot-slide = слайд { $number }
spot-sheet = лист { $number }
spot-entries = Среди файлов
nothing-found = 🤷 По запросу «{ $text }» ничего не нашлось.
nothing-found-hint = Попробуйте сократить или изменить запрос либо загляните в каталог.
nothing-found-filters = Включены фильтры. Без них может найтись больше.
button-clear-filters = ✖️ Без фильтров
facet-level = Уровень
facet-kind = Тип
facet-language = Язык
facet-any = Любой
facet-section = Раздел
facet-length = Объём
facet-ask-section = Какой раздел?
facet-ask-length = Какого объёма?
length-short = до 20 стр. или 5 мин
length-medium = до 100 стр. или 20 мин
length-long = больше
facet-ask-level = Какой уровень?
facet-ask-kind = Какой тип?
facet-ask-language = Какой язык?

## Kinds, languages, measures
kind-book = Книги
kind-audio = Аудио
kind-video = Видео
kind-image = Картинки
kind-archive = Архивы
kind-document = Другое
language-en = Английский
language-ru = Русский
language-uz = Узбекский
language-de = Немецкий
language-fr = Французский
language-es = Испанский
language-ar = Арабский
language-tr = Турецкий
language-ko = Корейский
language-zh = Китайский
language-other = Другой
pages = { $count ->
    [one] { $count } страница
    [few] { $count } страницы
   *[many] { $count } страниц
}
chapters = { $count ->
    [one] { $count } глава
    [few] { $count } главы
   *[many] { $count } глав
}
slides = { $count ->
    [one] { $count } слайд
    [few] { $count } слайда
   *[many] { $count } слайдов
}
sheets = { $count ->
    [one] { $count } лист
    [few] { $count } листа
   *[many] { $count } листов
}
moments = { $count ->
    [one] { $count } фрагмент
    [few] { $count } фрагмента
   *[many] { $count } фрагментов
}
files = { $count ->
    [one] { $count } файл
    [few] { $count } файла
   *[many] { $count } файлов
}
bit-rate = { $rate } кбит/с
size-kb = { $size } КБ
size-mb = { $size } МБ
size-bytes = { $size } Б

## Catalogue and lists
catalogue-top = 📚 Каталог
catalogue-empty = Каталог пока пуст.
catalogue-node-empty = Здесь пока ничего нет.
catalogue-choose = Выберите раздел:
catalogue-all = 📖 Показать всё ({ $count })
shelf-header = { $count ->
    [0] Здесь пока ничего нет.
    [one] { $count } материал
    [few] { $count } материала
   *[many] { $count } материалов
}
newest-header = 🆕 Новинки
newest-empty = Библиотека пока пуста.

## Delivery
button-share = ↗️ Поделиться
button-fetch = 📥 Получить файл
file-gone = 😔 Сейчас этот файл отправить не получается. Попробуйте позже или спросите у преподавателя.
preview-gone = Картинку сейчас показать не получается.
share-text = Смотрите, что нашлось в учебной библиотеке

## Short answers
notice-unknown-command = Я не знаю такой команды. /help покажет, что я умею.
notice-empty-query = Здесь нечего искать. Напишите одно-два слова.
notice-query-forgotten = Этот запрос уже не сохранился. Введите его, пожалуйста, ещё раз.
notice-cannot-read = С такими сообщениями я не работаю. Напишите, что найти.
notice-editors-only = Добавлять файлы могут только редакторы. Чтобы найти материал, просто напишите его название.
notice-own-hand = Пересланные сообщения здесь не подходят. Пожалуйста, напишите сами.
notice-how-to-upload = 📤 Пришлите файл: книгу, аудиозапись, видео или рабочий лист. Пока вы рассказываете, что это, я проверю его и добавлю в поиск.
notice-nothing-to-cancel = Отменять нечего.
notice-upload-cancelled = 🗑 Загрузка отменена. Файл не сохранён.
notice-draft-saved = 📝 Черновик сохранён: { $title }
notice-publish-waiting = ⏳ Материал «{ $title }» будет опубликован сразу после проверки. Когда она закончится, будет видно в карточке.
notice-published = ✅ Опубликовано: { $title }
notice-duplicate = ♻️ Такой материал уже есть в библиотеке: { $title }
notice-too-large = ⚠️ Файл слишком большой: можно загрузить не больше { $limit }.
notice-queued = { $waiting ->
    [one] 📥 Файл { $name } тоже принят. В очереди { $waiting } файл.
    [few] 📥 Файл { $name } тоже принят. В очереди { $waiting } файла.
   *[many] 📥 Файл { $name } тоже принят. В очереди { $waiting } файлов.
}
notice-queue-full = ⚠️ В очереди слишком много файлов. Сначала закончите с некоторыми из них, а потом пришлите этот ещё раз.
notice-material-gone = Этого материала больше нет в библиотеке.
notice-upload-over = Эта загрузка уже завершена. Чтобы начать заново, пришлите файл ещё раз.
notice-dialog-lost = Извините, нить разговора потерялась. Давайте начнём сначала.
notice-apology = 😔 Извините, при обработке вашего последнего сообщения произошла ошибка, и оно отложено. Школа уже знает об этом. Номер для поддержки: { $id }
notice-language-set = ✅ Готово.
button-open = 📖 Открыть
refused-empty = ⚠️ Файл пустой.
refused-too-large = ⚠️ Файл слишком большой.
refused-encrypted = 🔒 Файл защищён паролем. Снимите пароль и пришлите файл ещё раз.
refused-broken = ⚠️ Файл повреждён и не читается до конца. Проверьте его и пришлите ещё раз.
refused-mislabelled = ⚠️ Содержимое файла не соответствует его имени. Проверьте файл и пришлите ещё раз.
refused-hostile = ⛔ Файл не удалось проверить в рамках ограничений: он требует слишком много памяти или времени.
refused-unavailable = ⚠️ Этого файла больше нет в Telegram. Пришлите его ещё раз.
refused-no-space = ⚠️ На нашем диске нет места для этого файла. Пришлите его ещё раз позже.

## Toasts
toast-not-yours = Это не ваша кнопка.
toast-out-of-date = Эта кнопка устарела.

## Upload
question-title = ✏️ Как называется материал? Введите название или примите предложенное.
question-category = 🗂 Куда его поместить? Выберите раздел или введите название нового.
question-category-inside = 🗂 Раздел «{ $name }». Выберите подраздел, поместите материал сюда или введите название нового раздела.
question-level = 🎚 Для какого уровня?
question-language = 🌐 Какой язык здесь изучают?
question-tags = 🏷 Какие теги добавить? Напишите через запятую, например: грамматика, тесты
question-queued = { $queued ->
    [one] В очереди ещё { $queued } файл.
    [few] В очереди ещё { $queued } файла.
   *[many] В очереди ещё { $queued } файлов.
}
question-hint = Не получилось понять ответ. Пожалуйста, нажмите одну из кнопок.
question-hint-text = Этот текст не подходит. Попробуйте ещё раз.
button-take-title = ✅ { $title }
button-put-here = ✅ Поместить сюда
button-up = ⬆️ Выше
button-any-level = Любой уровень
button-skip = ⏭ Без тегов
button-cancel-upload = ✖️ Отмена
review-title = 👀 Проверьте, всё ли верно
review-file = Файл
review-name = Название
review-category = Раздел
review-level = Уровень
review-language = Язык
review-tags = Теги
review-none = –
review-pending = ⏳ Файл ещё проверяется. Опубликовать можно уже сейчас: материал появится после проверки.
review-ready = ✔️ Файл проверен.
button-publish = 🚀 Опубликовать
button-draft = 📝 В черновики
button-use-title = Взять название «{ $title }»
button-change-title = ✏️ Название
button-change-category = 🗂 Раздел
button-change-level = 🎚 Уровень
button-change-language = 🌐 Язык
button-change-tags = 🏷 Теги

## Progress card
card-received = ⏳ Ждёт очереди на обработку
card-awaiting-room = ⏳ Ждёт, пока освободится место
card-downloading = ⬇️ Скачивание: { $percent } %
card-downloading-unknown = ⬇️ Скачивание: { $size }
card-checking = 🔬 Проверка и индексация
card-checking-for = 🔬 Проверяю и индексирую, прошло { $seconds } с
card-retrying = 🔁 Что-то помешало. Пробую ещё раз.
card-ready = ✔️ Файл проверен и добавлен в поиск
card-published = ✅ Опубликовано
card-failed = ⚠️ Не удалось обработать этот файл, и он отложен. Школа уже знает об этом. Отправьте, пожалуйста, файл ещё раз.
card-cancelled = 🗑 Отменено. Файл не сохранён.
card-indexed = Доступен поиск внутри: { $parts }
card-indexed-whole = Доступен поиск по тексту.
card-indexed-none = Текста для поиска внутри нет.
card-found-title = Название в файле: { $title }

## Files under way
uploads-title = 📤 Ваши файлы в работе
uploads-none = Ваших файлов в работе нет.
uploads-waiting = ⏳ Ждёт: место в очереди не дальше { $place }-го
uploads-downloading = ⬇️ Скачивание
uploads-working = ⚙️ Обрабатывается
uploads-more = { $more ->
    [one] … и ещё { $more } файл
    [few] … и ещё { $more } файла
   *[other] … и ещё { $more } файлов
}
button-withdraw = ✖️ { $name }
button-refresh = 🔄 Обновить

## Commands in Telegram's menu
command-search = Поиск по библиотеке
command-browse = Каталог
command-new = Новинки
command-favorites = Избранное
command-history = Что вы получали
command-settings = Язык, уровень, уведомления
command-help = Что я умею
command-cancel = Отменить текущее действие
command-upload = Добавить файл в библиотеку
command-uploads = Ваши файлы в работе (для редакторов)

## Сообщения ответственным
alert-head = { $count ->
    [one] 🧯 Отложено: { $count } случай
    [few] 🧯 Отложено: { $count } случая
   *[other] 🧯 Отложено: { $count } случаев
}
alert-update = Сообщение { $id }: { $cause }
alert-job = Фоновая задача { $id }: { $cause }
alert-more = … и ещё { $more }
alert-advice = Посмотреть и повторить: primelingo updates, primelingo jobs
cause-panic = на нём программа дала сбой
cause-deadline = обработка не заканчивалась
cause-error = обработка раз за разом не удавалась
cause-death = на нём программа аварийно завершалась

## Bulk upload and drafts
bulk-head = 📚 { $count ->
    [one] { $count } файл с общим описанием
    [few] { $count } файла с общим описанием
   *[many] { $count } файлов с общим описанием
}
bulk-head-waiting = 🚀 { $count ->
    [one] Идёт публикация, остался { $count } файл
    [few] Идёт публикация, осталось { $count } файла
   *[many] Идёт публикация, осталось { $count } файлов
}
bulk-head-published = ✅ { $count ->
    [one] Опубликован { $count } файл
    [few] Опубликовано { $count } файла
   *[many] Опубликовано { $count } файлов
}
bulk-head-drafts = 📝 { $count ->
    [one] { $count } файл сохранён как черновик. Его покажет /drafts.
    [few] { $count } файла сохранены как черновики. Их покажет /drafts.
   *[many] { $count } файлов сохранены как черновики. Их покажет /drafts.
}
bulk-head-cancelled = 🗑 { $count ->
    [one] Отменено. Удалён { $count } файл.
    [few] Отменено. Удалено { $count } файла.
   *[many] Отменено. Удалено { $count } файлов.
}
bulk-head-over = Ни один из файлов не удалось принять.
bulk-count-pending = ⏳ проверяется: { $count }
bulk-count-ready = ✔️ проверено: { $count }
bulk-count-waiting = 🚀 будет опубликовано: { $count }
bulk-count-published = ✅ опубликовано: { $count }
bulk-count-drafts = 📝 черновики: { $count }
bulk-count-duplicates = ♻️ уже в библиотеке: { $count }
bulk-count-refused = ❌ не принято: { $count }
bulk-count-cancelled = 🗑 удалено: { $count }
bulk-beyond = { $count ->
    [one] ⚠️ Больше файлов вместе описать нельзя: ещё { $count } файл не принят. Пришлите его потом ещё раз.
    [few] ⚠️ Больше файлов вместе описать нельзя: ещё { $count } файла не приняты. Пришлите их потом ещё раз.
   *[many] ⚠️ Больше файлов вместе описать нельзя: ещё { $count } файлов не приняты. Пришлите их потом ещё раз.
}
bulk-duplicate = Уже есть в библиотеке: { $title }
bulk-ask-rename = ✏️ Какой файл переименовать?
bulk-ask-title = ✏️ Как назвать «{ $title }»? Введите название.
bulk-ask-remove = 🗑 Какой файл убрать?
bulk-ask-cancel = { $count ->
    [one] 🗑 Удалить { $count } файл?
    [few] 🗑 Удалить все { $count } файла?
   *[many] 🗑 Удалить все { $count } файлов?
}
button-bulk-rename = ✏️ Переименовать
button-bulk-remove = 🗑 Убрать
button-bulk-publish = 🚀 Опубликовать все
button-bulk-drafts = 📝 Все в черновики
button-bulk-cancel = ✖️ Отменить все
button-bulk-cancel-yes = 🗑 Да, удалить
button-bulk-continue = ▶️ Продолжить
notice-in-batch = 📚 Этот файл теперь в общем списке с остальными.
notice-bulk-unfinished = { $count ->
    [one] 📚 { $count } файл ждёт описания.
    [few] 📚 { $count } файла ждут описания.
   *[many] 📚 { $count } файлов ждут описания.
}
notice-finish-first = Сначала закончите то, что открыто, или отмените: /cancel.
drafts-header = 📝 Ваши черновики
drafts-empty = Черновиков нет.
## Новые издания
button-replace = 🔁 Заменить файл
button-replace-confirm = ✅ Заменить
button-replace-quietly = 🤫 Заменить без уведомлений
button-replace-cancel = ✖️ Отмена
button-replace-undo = ↩️ Вернуть прежний
button-replace-get = 📖 Получить
replace-ask = 🔁 Пришлите новый файл для «{ $title }». Название, раздел, теги и ссылки останутся прежними. Пока вы не сравните оба файла, ничего не изменится.
replace-compare = Заменить файл «{ $title }»?
replace-old = Сейчас
replace-new = Новый
replace-takers = { $count ->
    [0] Пока его никто больше не брал.
    [one] Его взял { $count } человек; он узнает о новом издании, если не заменить без уведомлений.
    [few] Его взяли { $count } человека; они узнают о новом издании, если не заменить без уведомлений.
   *[other] Его взяли { $count } человек; они узнают о новом издании, если не заменить без уведомлений.
}
replace-done = ✅ Файл заменён: { $title }
replace-telling = { $count ->
    [one] О новом издании узнает { $count } человек из взявших прежний файл.
    [few] О новом издании узнают { $count } человека из взявших прежний файл.
   *[other] О новом издании узнают { $count } человек из взявших прежний файл.
}
replace-offer = 🆕 Вышло новое издание: «{ $title }».
replace-told = { $count ->
    [0] 📣 «{ $title }»: сообщать о новом издании оказалось некому.
    [one] 📣 «{ $title }»: о новом издании сообщаем { $count } человеку.
    [few] 📣 «{ $title }»: о новом издании сообщаем { $count } людям.
   *[other] 📣 «{ $title }»: о новом издании сообщаем { $count } людям.
}
notice-upload-first = У вас открыта загрузка. Сначала завершите или отмените её (/upload продолжает), потом замените файл.
notice-replace-first = Вы заменяете файл материала: пришлите новый файл или сначала нажмите /cancel.
notice-replace-cancelled = Отменено. У материала остаётся прежний файл.
notice-replace-over = Эта замена уже закончена. Откройте материал, чтобы начать заново.
notice-same-file = 🟰 Это тот же файл, что сейчас у «{ $title }». Ничего не изменилось.
notice-replace-overtaken = ⚠️ Файл «{ $title }» тем временем заменил кто-то другой. Ваш файл ничего не изменил.
twin-own-draft = ♻️ Это содержимое уже есть в вашем черновике: { $title }
twin-own-upload = ♻️ Вы уже загружаете это содержимое: { $title }
twin-others-draft = ♻️ Это содержимое есть в черновике другого редактора.
twin-others-upload = ♻️ Это же содержимое загружает другой редактор. Кто опубликует вторым, узнает об этом.
twin-archived = ♻️ Это содержимое уже было в библиотеке: { $title }

## Рассылки
help-admin = Администраторам: /broadcast — рассылка, /broadcasts — текущие и прошлые рассылки. /stats — статистика. /alerts показывает, что с ботом не так.
broadcast-head = 📣 Новая рассылка
broadcast-line-content = Сообщение
broadcast-line-buttons = Кнопки
broadcast-line-audience = Кому
broadcast-line-time = Когда
broadcast-line-repeat = Повтор
broadcast-line-quiet = Тихие часы
broadcast-line-doubt = При сомнении
broadcast-line-paid = Платно
broadcast-people = { $count ->
    [one] { $count } человек
    [few] { $count } человека
   *[many] { $count } человек
}
broadcast-content-copy = { $count ->
    [1] как вы прислали
    [one] альбом из { $count } файла
    [few] альбом из { $count } файлов
   *[many] альбом из { $count } файлов
}
broadcast-content-named = { $kind } с { $mark }
broadcast-content-text = текст
broadcast-content-photo = фото
broadcast-content-video = видео
broadcast-content-audio = аудио
broadcast-content-document = файл
broadcast-content-digest = обзор новинок
broadcast-content-undo = удаление рассылки
audience-all = Все
audience-language = Язык: { $name }
audience-active = { $days ->
    [one] Активные за { $days } день
    [few] Активные за { $days } дня
   *[many] Активные за { $days } дней
}
audience-followers = Подписчики раздела «{ $name }»
audience-section = Подписчики раздела
audience-list = Список из файла
audience-digest = Подписчики разделов с новинками
audience-failed = Кому не удалось отправить
audience-delivered = Получившие рассылку
role-learner = Ученики
role-editor = Редакторы
role-admin = Администраторы
role-owner = Владельцы
broadcast-at-once = Сразу
broadcast-once = Один раз
broadcast-daily = Каждый день
broadcast-weekly = Каждую неделю
broadcast-doubt-skip = пропустить и сообщить
broadcast-doubt-resend = отправить ещё раз
broadcast-price = до { $stars } звёзд
broadcast-ask-content = Что разослать? Пришлите текст, фото, видео, файл, альбом или опрос либо перешлите сообщение. Вместо { $mark } в тексте каждый увидит своё имя.
broadcast-ask-buttons = Нужны кнопки под сообщением? Напишите каждую с новой строки: Название - https://example.org или Название - материал 123
broadcast-ask-audience = Кому отправить?
broadcast-ask-language = Какой язык?
broadcast-ask-section = Какой раздел?
broadcast-ask-inside = Раздел «{ $name }»: его подписчики или раздел внутри?
broadcast-ask-role = Какая роль?
broadcast-ask-time = Когда? Выберите или напишите время: 18:30, завтра 9:00, 25.12 9:00. Ваш часовой пояс — { $zone }; чтобы сменить его, напишите другой, например Europe/Moscow.
broadcast-ask-review = Всё верно? Пользователи увидят сообщение в точности как в образце ниже.
broadcast-ask-price = { $count ->
    [one] Платная рассылка идёт быстрее 30 сообщений в секунду. Каждое сообщение сверх этого стоит боту 0,1 звезды Telegram: до { $stars } звёзд за { $count } сообщение. Включить?
    [few] Платная рассылка идёт быстрее 30 сообщений в секунду. Каждое сообщение сверх этого стоит боту 0,1 звезды Telegram: до { $stars } звёзд за { $count } сообщения. Включить?
   *[many] Платная рассылка идёт быстрее 30 сообщений в секунду. Каждое сообщение сверх этого стоит боту 0,1 звезды Telegram: до { $stars } звёзд за { $count } сообщений. Включить?
}
broadcast-ask-send = { $count ->
    [one] Отправить { $count } человеку? Ответ действует одну минуту.
    [few] Отправить { $count } людям? Ответ действует одну минуту.
   *[many] Отправить { $count } людям? Ответ действует одну минуту.
}
broadcast-hint-answer = ⚠️ Это не ответ на вопрос ниже.
broadcast-hint-copy = ⚠️ Такие сообщения Telegram не разрешает копировать ботам. Пришлите другое.
broadcast-hint-long = ⚠️ Слишком длинно: с самым длинным именем вместо { $mark } получится { $longest } знаков, а Telegram допускает { $limit }.
broadcast-hint-album = ⚠️ В альбоме { $mark } останется как есть: имя подставляется только в одиночные сообщения.
broadcast-hint-parts = { $count ->
    [one] Теперь в альбоме { $count } часть.
    [few] Теперь в альбоме { $count } части.
   *[many] Теперь в альбоме { $count } частей.
}
broadcast-hint-pair = ⚠️ Строка { $line }: нужны название, дефис с пробелами и адрес.
broadcast-hint-link = ⚠️ Строка { $line }: такой адрес кнопка не откроет. Он начинается с https://
broadcast-hint-material = ⚠️ Строка { $line }: такого опубликованного материала нет.
broadcast-hint-buttons = ⚠️ Слишком много кнопок: не больше { $count }.
broadcast-hint-nobody = ⚠️ Отправлять некому. Выберите других получателей.
broadcast-hint-time = ⚠️ Это не время и не часовой пояс.
broadcast-hint-past = ⚠️ Это время уже прошло.
broadcast-hint-far = ⚠️ До этого времени больше года.
broadcast-hint-skipped = ⚠️ Часы переводят вперёд, и этого времени не будет.
broadcast-hint-zone = ✔️ Теперь ваш часовой пояс — { $zone }.
broadcast-hint-broken = ⚠️ Текст нельзя отправить: { $reason }
broadcast-hint-sent = 📨 Отправлено вам: смотрите ниже.
button-broadcast-keep = ▶️ Оставить
button-broadcast-drop = 🗑 Без кнопок
button-broadcast-no-buttons = ▶️ Без кнопок
button-broadcast-cancel = ✖️ Отмена
button-broadcast-pay = ⭐️ Да, платно
button-broadcast-free = Бесплатно
button-broadcast-paid = ⭐️ Быстрее, платно
button-broadcast-send = 🚀 Отправить
button-broadcast-send-yes = 🚀 Да, отправить
button-send-to-me = 📨 Сначала мне
button-audience-language = По языку
button-audience-role = По роли
button-audience-followers = ✅ Его подписчики
button-time-hour = Через час
button-time-tomorrow = Завтра в 9:00
button-quiet-on = 🌙 Включить тихие часы
button-quiet-off = ☀️ Выключить тихие часы
button-doubt-skip = При сомнении: пропустить
button-doubt-resend = При сомнении: повторить
button-change-content = ✏️ Сообщение
button-change-buttons = 🔗 Кнопки
button-change-audience = 👥 Получатели
button-change-time = 🕘 Время
broadcast-admins-only = Рассылки могут делать только администраторы.
broadcast-over = Эта рассылка уже подтверждена или отменена. /broadcasts покажет, что сейчас идёт.
broadcast-given-up = 🗑 Отменено. Ничего не отправлено.
broadcast-unfinished = 📣 Вы не закончили рассылку.
broadcast-gone = Такой рассылки больше нет.
broadcast-done-already = Это уже сделано.
broadcast-too-late = ⚠️ Ответ пришёл слишком поздно. Ничего не сделано; спросите ещё раз.
broadcast-nobody-left = Это больше никого не касается.
broadcast-too-old = Telegram разрешает ботам удалять сообщения только в течение 48 часов.
broadcast-letter-gone = Автор удалил свои данные: отправлять больше нечего.
broadcast-late = ⏰ Рассылка, назначенная на { $time } ({ $zone }), не началась вовремя. Она начинается сейчас.
broadcast-missed = ⏰ Рассылка, назначенная на { $time } ({ $zone }), не отправлена: с назначенного времени прошло больше часа.
broadcast-stopped = ⛔ Рассылка остановлена: { $reason }
broadcast-scheduled = 🕘 Рассылка назначена
broadcast-running = 📣 Рассылка идёт
broadcast-paused = ⏸ Рассылка на паузе
broadcast-finished = ✅ Рассылка закончена
broadcast-cancelled = ✖️ Рассылка отменена
broadcast-halted = ⛔ Рассылка остановлена
broadcast-skipped = ⏰ Рассылка не отправлена вовремя
broadcast-filling = Получателей пока: { $count }
broadcast-count-delivered = ✅ доставлено: { $count }
broadcast-count-removed = 🗑 удалено: { $count }
broadcast-count-blocked = 🚫 недоступны: { $count }
broadcast-count-failed = ❌ не удалось: { $count }
broadcast-count-doubt = ❔ неизвестно: { $count }
broadcast-count-left = ⏳ осталось: { $count }
broadcast-begins = Начало: { $time } ({ $zone })
broadcast-begun = Начало: { $time } ({ $zone })
broadcast-rate = { $rate } в секунду
broadcast-time-left = Осталось примерно { $time }
broadcast-quiet = 🌙 Тихие часы: продолжение { $time }
broadcast-reason = Причина: { $reason }
broadcast-took = Заняло { $time }
broadcast-average = В среднем { $rate } в секунду
broadcast-causes = Почему дошло не до всех:
cause-blocked = заблокировали бота
cause-deactivated = удалили аккаунт
cause-not-found = чат не найден
cause-cannot-initiate = не начинали чат с ботом
cause-kicked = удалили бота
cause-no-rights = боту нельзя туда писать
cause-message-gone = сообщения уже не было
cause-bad-content = Telegram не принял сообщение
cause-retries = не удалось за несколько попыток
cause-in-doubt = нет ответа: могло дойти, а могло и нет
cause-duplicate = тот же чат во второй раз
button-broadcast-pause = ⏸ Пауза
button-broadcast-resume = ▶️ Продолжить
button-broadcast-stop = ✖️ Отменить
button-broadcast-stop-yes = ✖️ Да, отменить
button-broadcast-retry = 🔁 Повторить неудачные
button-broadcast-retry-yes = 🔁 Да, повторить
button-broadcast-undo = ↩️ Удалить у всех
button-broadcast-undo-yes = ↩️ Да, удалить
broadcast-ask-stop = { $count ->
    [one] Отменить рассылку? Её не получит { $count } человек из уже записанных.
    [few] Отменить рассылку? Её не получат { $count } человека из уже записанных.
   *[many] Отменить рассылку? Её не получат { $count } человек из уже записанных.
}
broadcast-ask-retry = { $count ->
    [one] Отправить ещё раз { $count } человеку, до которого не дошло?
    [few] Отправить ещё раз { $count } людям, до которых не дошло?
   *[many] Отправить ещё раз { $count } людям, до которых не дошло?
}
broadcast-ask-undo = { $count ->
    [one] Удалить сообщение у { $count } получателя? Вернуть его будет нельзя.
    [few] Удалить сообщение у { $count } получателей? Вернуть его будет нельзя.
   *[many] Удалить сообщение у { $count } получателей? Вернуть его будет нельзя.
}
broadcast-answer-within = { $seconds ->
    [one] Ответ действует { $seconds } секунду.
    [few] Ответ действует { $seconds } секунды.
   *[many] Ответ действует { $seconds } секунд.
}
broadcasts-head = 📣 Рассылки
broadcasts-none = Рассылок ещё не было. /broadcast начнёт новую.
broadcasts-open = Идут и назначены
broadcasts-past = Прошлые
broadcast-series-ended = 🔁 Серия закончена. Отправленное остаётся.
broadcast-series-made = 🔁 Серия назначена
broadcast-next = следующая { $time } ({ $zone })
broadcasts-series = Серии
button-series-end = ✖️ Закончить 🔁 { $count }
button-series-stop = ✖️ Закончить серию
broadcast-reading-list = 📄 Читаю список…
broadcast-making-table = 📄 Готовлю таблицу. Она придёт файлом.
broadcast-ask-list = Пришлите файл .txt или .csv, по одному id чата в строке.
button-broadcast-export = 📄 Таблица всех
button-take-list = ✅ Отправить этому списку
## Following and the digest
button-follow = 🔔 Подписаться
button-unfollow = ✅ Вы подписаны
digest-heading = 📰 Новое в ваших разделах
digest-more = { $count ->
    [one] … и ещё { $count }
   *[other] … и ещё { $count }
}
digest-left = { $count ->
    [one] В библиотеке есть ещё { $count } материал.
    [few] В библиотеке есть ещё { $count } материала.
   *[other] В библиотеке есть ещё { $count } материалов.
}
digest-why = Чтобы не получать новости раздела, нажмите в нём «✅ Вы подписаны».
digest-card = 📰 Еженедельный дайджест
digest-what = Раз в неделю все, кто подписан на разделы, получают список новинок этих разделов. Если нового нет, письмо не приходит.
digest-on = ✅ Отправляется каждую неделю: { $day } { $hour }:00 ({ $zone }).
digest-off = Не отправляется.
button-digest-on = ✅ Включить
button-digest-off = ⏹ Выключить
weekday-mon = Пн
weekday-tue = Вт
weekday-wed = Ср
weekday-thu = Чт
weekday-fri = Пт
weekday-sat = Сб
weekday-sun = Вс
## Files about audiences
list-read = { $count ->
    [one] 📋 Из файла прочитан { $count } чат.
    [few] 📋 Из файла прочитано { $count } чата.
   *[other] 📋 Из файла прочитано { $count } чатов.
}
list-repeated = { $count ->
    [one] { $count } строка повторяет чат и пропущена.
    [few] { $count } строки повторяют чат и пропущены.
   *[other] { $count } строк повторяют чат и пропущены.
}
list-odd = { $count ->
    [one] ⚠️ { $count } строка не похожа на номер чата и пропущена, первая такая: { $line }.
    [few] ⚠️ { $count } строки не похожи на номер чата и пропущены, первая такая: { $line }.
   *[other] ⚠️ { $count } строк не похожи на номер чата и пропущены, первая такая: { $line }.
}
list-failed = ⚠️ Не удалось получить файл из Telegram. Пришлите его ещё раз.
list-too-large = ⛔ Файл слишком большой: не более 20 МБ.
list-too-many-lines = ⛔ В файле больше 5 000 000 строк.
list-not-text = ⛔ Это не текстовый файл. Пришлите TXT или CSV, по одному номеру чата в строке.
list-nobody = ⛔ В файле нет номеров чатов. Пришлите TXT или CSV, по одному номеру чата в строке.
list-no-space = ⛔ На сервере сейчас нет места для этого файла.
table-caption = { $count ->
    [one] 📄 Итоги рассылки: { $count } получатель
    [few] 📄 Итоги рассылки: { $count } получателя
   *[other] 📄 Итоги рассылки: { $count } получателей
}
table-too-large = { $count ->
    [one] 📄 Таблица на { $count } получателя больше, чем принимает Telegram. Её можно получить на сервере.
   *[other] 📄 Таблица на { $count } получателей больше, чем принимает Telegram. Её можно получить на сервере.
}
table-failed = ⚠️ Не удалось составить таблицу. Запросите её ещё раз.

## Desk
button-edit = ✏️ Изменить
button-archive = 🗄 В архив
button-restore = ♻️ Вернуть
button-undo-change = ↩️ Отменить последнее изменение
button-edit-sections = 🛠 Править разделы
button-desk-cancel = ✖️ Отмена
button-section-new = ➕ Новый раздел здесь
button-section-rename = ✏️ Переименовать
button-section-move = 📦 Переместить
button-section-merge = 🔗 Объединить
button-section-delete = 🗑 Удалить
button-section-move-here = ✅ Поместить сюда
button-section-merge-here = ✅ Объединить с этим
button-section-merge-confirm = 🔗 Объединить
button-section-delete-confirm = 🗑 Удалить
desk-editors-only = Это доступно только редакторам.
desk-owners-only = Это доступно только владельцам.
desk-how-to-edit = ✏️ Найдите материал, откройте его и нажмите «Изменить» под файлом. Или отправьте /edit со словами для поиска либо с номером материала.
desk-left = Отменено. Ничего не изменилось.
desk-published = опубликован
desk-archived = в архиве: учащиеся его не находят
desk-edition = { $count ->
    [0] Издание { $number } · ещё никто не брал
    [one] Издание { $number } · взял { $count } человек
    [few] Издание { $number } · взяли { $count } человека
   *[other] Издание { $number } · взяли { $count } человек
}
desk-saved = ✅ Сохранено.
desk-taken-out = 🗄 В архиве. Учащиеся его больше не находят; файл остаётся.
desk-restored = ✅ Возвращён. Учащиеся снова его находят.
desk-undone = ↩️ Последнее изменение отменено.
desk-overtaken = ⚠️ Тем временем материал изменил кто-то другой, поэтому ничего не сделано. Вот как он выглядит сейчас.
desk-nothing-to-undo = Здесь нечего отменять.
desk-section-gone = ⚠️ Этого раздела больше нет. Ничего не изменилось.
desk-double = ⛔ То же содержимое тем временем опубликовано как «{ $title }». Этот материал остаётся в архиве.
archived-header = 🗄 Архив
archived-empty = 🗄 Архив пуст.
sections-top = Все разделы
sections-choose = Выберите раздел или добавьте новый здесь.
sections-none = В нём нет разделов.
sections-counts = Опубликовано здесь: { $here } · вместе со вложенными: { $within }
sections-counts-kept = Опубликовано здесь: { $here } · вместе со вложенными: { $within } · в архиве или в ожидании: { $kept }
sections-created = ✅ Раздел «{ $name }» создан.
sections-renamed = ✅ Переименован.
sections-moved = ✅ Перемещён.
sections-merged = ✅ Раздел «{ $name }» объединён. Его ссылки и кнопки ведут в другой раздел; если он был большим, материалы переместятся в ближайшие минуты.
sections-deleted = ✅ Раздел «{ $name }» удалён.
sections-misfit-gone = ⚠️ Этого раздела больше нет.
sections-misfit-within = ⛔ Раздел нельзя поместить внутрь него самого.
sections-misfit-deep = ⛔ Слишком глубоко: не больше 8 разделов друг в друге.
sections-misfit-many = ⛔ Нет места: внутри одного раздела не больше 60.
sections-misfit-name = ⛔ Раздел с таким названием здесь уже есть.
sections-misfit-full = ⛔ Раздел не пуст. Сначала переместите или объедините его содержимое.
sections-name-empty = ⛔ В этом названии нечего прочесть.
sections-name-overtaken = ⚠️ Тем временем раздел переименовал кто-то другой.
sections-ask-new = Как назвать новый раздел в «{ $name }»?
sections-ask-new-top = Как назвать новый раздел?
sections-ask-rename = «{ $name }»: какое название дать?
sections-pick-move = Куда поместить «{ $name }»?
sections-pick-merge = С чем объединить «{ $name }»?
sections-merge-ask = Объединить «{ $from }» с «{ $to }»?
sections-merge-materials = { $count ->
    [0] Материалов в нём нет.
    [one] Переместится { $count } материал.
    [few] Переместятся { $count } материала.
   *[other] Переместятся { $count } материалов.
}
sections-merge-moved = { $moved ->
    [one] Переместится { $moved } вложенный раздел.
    [few] Переместятся { $moved } вложенных раздела.
   *[other] Переместятся { $moved } вложенных разделов.
}
sections-merge-joined = { $joined ->
    [one] { $joined } одноимённый раздел сольётся со своим тёзкой.
    [few] { $joined } одноимённых раздела сольются со своими тёзками.
   *[other] { $joined } одноимённых разделов сольются со своими тёзками.
}
sections-merge-note = Подписчики, ссылки и старые кнопки «{ $from }» будут вести в «{ $to }». Отменить это нельзя.
sections-delete-ask = Удалить пустой раздел «{ $name }»? Его ссылки и подписчики пропадут.
sections-delete-drafts = { $count ->
    [one] Для { $count } черновика раздел придётся выбрать снова.
   *[other] Для { $count } черновиков раздел придётся выбрать снова.
}
audit-header = 📜 Кто что сделал
audit-empty = 📜 Пока ничего не сделано.
audit-command-line = командная строка
audit-all = Всё
audit-materials = Материалы
audit-sections = Разделы
audit-people = Люди
audit-broadcasts = Рассылки
audit-reports = Жалобы
audit-publish = 📥 Опубликовано
audit-edit = ✏️ Изменено
audit-archive = 🗄 В архив
audit-restore = ♻️ Возвращено
audit-undo = ↩️ Отменено
audit-replace = 🔁 Файл заменён
audit-create-section = ➕ Раздел создан
audit-rename-section = ✏️ Раздел переименован
audit-move-section = 📦 Раздел перемещён
audit-merge-section = 🔗 Раздел объединён
audit-delete-section = 🗑 Раздел удалён
audit-set-role = 🔑 Выдана роль
audit-create-broadcast = 📣 Рассылка подтверждена
audit-control-broadcast = 📣 Управление рассылкой
audit-set-series = 🔁 Серия изменена
audit-settle-report = 🩹 Жалоба закрыта
help-owner = Для владельцев: /audit показывает, кто что сделал.

## Shelf
button-favourites = ⭐ Избранное
button-history = 🕘 История
button-favourite-off = ☆ В избранное
button-favourite-on = ★ В избранном
button-alike = 🧩 Похожее
button-report = ⚠️ Пожаловаться
button-private = ✉️ Написать мне
favourites-header = ⭐ Избранное
favourites-empty = В избранном пока пусто. Нажмите ☆ под файлом, и он появится здесь.
history-header = 🕘 Что вы получали
history-empty = Вы пока ничего не получали.
alike-header = 🧩 Похоже на «{ $title }»
shelf-header-many = Больше 1000 материалов
catalogue-all-many = 📖 Всё здесь (1000+)
settings-study = Изучаю: { $language }
settings-level = Мой уровень: { $level }
settings-any = любой
settings-told = Уведомления: включены
settings-muted = Уведомления: выключены. Я пишу, только когда пишете вы или когда школа рассылает письмо.
settings-quiet = Тихие часы: { $hours }
settings-no-quiet = нет
settings-zone = Часовой пояс: { $zone } (там сейчас { $time })
settings-no-zone = Часовой пояс: не выбран
settings-ask-language = Какой язык вы изучаете? Его материалы будут чуть выше в поиске.
settings-ask-level = Какой у вас уровень? Его материалы будут чуть выше в поиске.
settings-ask-quiet = В какие часы мне молчать?
settings-ask-zone = Где вы находитесь? Другое место можно написать: /settings Europe/Paris
button-study = 🎓 Изучаю
button-level = 📶 Мой уровень
button-mute = 🔕 Без уведомлений
button-unmute = 🔔 Уведомления
button-quiet = 🌙 Тихие часы
button-zone = 🕒 Часовой пояс
reason-unreadable = Не открывается
reason-wrong-file = Не тот файл
reason-bad-quality = Плохое качество
reason-other = Другое
broken-told = ⚠️ Ученик сообщает, что с этим файлом что-то не так:
broken-header = ⚠️ Файлы, на которые жалуются
broken-empty = Жалоб на файлы нет. 👍
broken-count = { $count ->
    [one] Жалуется { $count } человек
    [few] Жалуются { $count } человека
   *[many] Жалуются { $count } человек
}
broken-settled = 🛠 Спасибо за сообщение: с «{ $title }» разобрались.
button-settle = ✅ Разобрались
button-reports = ⚠️ Все жалобы
notice-private-only = Это только между нами. Напишите мне в личный чат.
notice-kept = ★ Добавлено. Всё избранное — в /favorites.
notice-nothing-alike = Пока не знаю ничего похожего.
notice-report-thanks = 🙏 Спасибо. Редактор посмотрит.
notice-report-too-many = На сегодня достаточно. Об остальном сообщите, пожалуйста, завтра.
notice-no-such-zone = Я не знаю такого часового пояса. Напишите так: /settings Asia/Tashkent
notice-settled = { $count ->
    [0] ✅ Разобрались: { $title }
    [one] ✅ Разобрались: { $title }. Об этом узнает { $count } человек.
    [few] ✅ Разобрались: { $title }. Об этом узнают { $count } человека.
   *[many] ✅ Разобрались: { $title }. Об этом узнают { $count } человек.
}
notice-settled-left = { $count ->
    [one] Есть ещё { $count } жалоба: откройте её снова.
    [few] Есть ещё { $count } жалобы: откройте их снова.
   *[many] Есть ещё { $count } жалоб: откройте их снова.
}
notice-nothing-broken = С этим уже разобрались.

## Notices
button-ask-for-it = 🙋 Попросить
button-own-requests = 🙋 Мои просьбы
button-decline = 🚫 Отклонить
button-unfollow-section = 🔕 Отписаться
command-requests = О чём вы просили
command-privacy = Что о вас хранится
request-people = { $count ->
    [one] просит { $count } человек
    [few] просят { $count } человека
   *[other] просят { $count } человек
}
request-noted = 🙋 Записано: «{ $words }». Напишу вам, как только будет ответ.
request-already = Вы уже просили «{ $words }». Напишу вам, как только будет ответ.
request-too-many = У вас 20 открытых просьб. Отзовите одну, прежде чем просить ещё.
request-gone = Эта просьба уже закрыта.
request-declined = 🙋 Вы просили «{ $words }». К сожалению, в библиотеке этого не будет.
request-is-answered = ✅ уже в библиотеке
request-is-declined = 🚫 отклонено
requests-own = 🙋 О чём вы просили
requests-own-none = Пока ни о чём. Если поиск ничего не нашёл, там можно попросить.
requests-wanted = 🙋 О чём просят
requests-none = 🙋 Никто ни о чём не просит.
request-which-fits = Подходит ли что-то из этого?
request-nothing-fits = В библиотеке пока нет ничего с такими словами. Кто просил, узнает, когда появится.
request-settled-answered = { $count ->
    [one] ✅ На просьбу «{ $words }» есть ответ. Об этом узнает { $count } человек.
    [few] ✅ На просьбу «{ $words }» есть ответ. Об этом узнают { $count } человека.
   *[other] ✅ На просьбу «{ $words }» есть ответ. Об этом узнают { $count } человек.
}
request-settled-declined = { $count ->
    [one] 🚫 Просьба «{ $words }» отклонена. Об этом узнает { $count } человек.
    [few] 🚫 Просьба «{ $words }» отклонена. Об этом узнают { $count } человека.
   *[other] 🚫 Просьба «{ $words }» отклонена. Об этом узнают { $count } человек.
}
catalogue-followed = 🔔 О новом в этом разделе вы узнаёте сразу.
news-followed = 🔔 Новое в разделе, на который вы подписаны
news-asked = 🙋 Вы просили, и вот оно
## Privacy
privacy-head = 🔐 Что о вас хранится
privacy-profile = Ваш номер в Telegram, имя, язык, роль и настройки: чтобы с вами общаться.
privacy-dialog = Диалог, в котором вы находитесь: чтобы продолжить с того же места.
privacy-messages = То, что вы присылаете боту: чтобы ничего не потерять. Текст забывается первым; дольше всего хранится то, на что не удалось ответить.
privacy-answers = То, что бот присылает вам: чтобы отправить один раз.
privacy-searches = Слова ваших запросов: чтобы работали кнопки.
privacy-reading = Что вы брали и отмечали: для ваших списков и чтобы сообщать о новых изданиях.
privacy-follows = Разделы, на которые вы подписаны: чтобы сообщать о новом.
privacy-requests = О чём вы просили: чтобы сообщить, когда появится.
privacy-letters = Какие рассылки школы вы получили: чтобы отправить каждую один раз.
privacy-work = Что вы делали как редактор или администратор: чтобы было известно, чья это работа.
privacy-jobs = Фоновая работа для вас: чтобы выполнить её один раз.
privacy-until-erased = Пока вы это не удалите.
privacy-rules = /mydata пришлёт вам копию всего этого, /deletemydata всё сотрёт. Резервные копии базы школы перезаписываются по очереди.
privacy-exporting = 📄 Собираю ваши данные. Они придут файлом.
privacy-copy = 📄 Что о вас хранится
privacy-too-often = 📄 Вы получали копию в течение последнего часа. Попросите, пожалуйста, позже.
privacy-no-copy = ⚠️ Копию сделать не удалось. Попросите, пожалуйста, через час.
privacy-ask = 🗑 Удалить всё о вас?
privacy-ask-what = Профиль, настройки, списки, просьбы, запросы и всё, что здесь было написано, будет стёрто из базы бота. Вернуть это нельзя. Сама переписка принадлежит вам: удалите её в Telegram.
privacy-ask-editor = Опубликованные вами материалы останутся в библиотеке без вашего имени. Черновики и незаконченные загрузки будут выброшены. Роль тоже пропадёт.
privacy-ask-owner = Вы владелец по конфигурации: ваш номер в Telegram останется в файле конфигурации, и вы снова станете владельцем, как только напишете сюда.
privacy-ask-last-admin = ⚠️ Вы последний администратор. После этого ботом никто не управляет, пока роль не выдадут на сервере.
privacy-ask-within = Ответ действует 60 секунд.
privacy-under-way = 📣 Ваша рассылка запланирована или идёт. Отмените её или дождитесь конца и попросите снова: /broadcasts
privacy-too-late = Ответ пришёл слишком поздно, ничего не удалено. /deletemydata спросит снова.
privacy-erasing = 🗑 Всё о вас стирается…
privacy-kept = Ничего не удалено.
privacy-erased = ✅ Всё о вас стёрто, и след этого сообщения тоже. Если напишете снова, начнём сначала.
button-my-data = 📄 Прислать копию
button-delete-my-data = 🗑 Удалить всё
button-erase = 🗑 Да, удалить всё
button-keep = ⬅️ Нет, оставить

## Statistics
stats-title-7 = Статистика за 7 дней
stats-title-30 = Статистика за 30 дней
stats-title-90 = Статистика за 90 дней
stats-as-of = По состоянию на { $time } UTC
stats-none = Данных ещё нет.
stats-counting = ⏳ Пересчитываю. Нажмите «Обновить» чуть позже.
stats-users = Пользователей: { $users }
stats-joined = новых: { $count }
stats-active = Активны: { $day } сегодня · { $week } за 7 дней · { $month } за 30 дней
stats-reachable = Можно написать: { $count } ({ $percent }%)
stats-retention = Вернулись, по неделе прихода
stats-cohort-size = новых
stats-library = Библиотека
stats-materials = Материалов: { $count }
stats-published = новых: { $count }
stats-deliveries = Выдано: { $day } сегодня · { $week } за 7 дней · { $all } за { $days } дней
stats-deliveries-week = Выдано: { $day } сегодня · { $week } за 7 дней
stats-top-materials = Чаще всего берут:
stats-searches-head = Поиск
stats-searches = { $day } сегодня · { $week } за 7 дней · { $all } за { $days } дней
stats-searches-week = { $day } сегодня · { $week } за 7 дней
stats-empty-share = Ничего не найдено: { $percent }%
stats-top-searches = Чаще всего ищут:
stats-top-empty = Ищут, но не находят:
stats-three = Только слова, которые искали не меньше трёх человек.
stats-admins-only = Статистику видят только администраторы.
stats-failed = ⚠️ Не удалось составить файл. Запросите его ещё раз.
button-stats-7 = 7 дней
button-stats-30 = 30 дней
button-stats-90 = 90 дней
button-stats-chart = 📈 График
button-stats-table = 📄 CSV
chart-users = Пользователи
chart-active = Активные
chart-active-day = за день
chart-active-week = за 7 дней
chart-active-month = за 30 дней
chart-deliveries = Выдано материалов
chart-searches = Поиски
chart-searches-all = всего
chart-searches-empty = ничего не найдено

## Тревоги
audit-alerts = Тревоги
audit-ack-alert = ✋ Тревога взята
audit-silence-alert = 🔇 Тревога заглушена
audit-end-silence = 🔊 Тишина снята
alert-admins-only = Тревоги видят только администраторы.
alert-storm = Тревог: { $count }, открыто: { $open }
alert-open = { $count ->
    [one] { $count } тревога
    [few] { $count } тревоги
   *[many] { $count } тревог
}
alert-none = Всё в порядке
alert-since = с { $time }
alert-again = подряд уже { $count }-й раз
alert-acked = { $name } занимается этим
alert-somebody = кто-то
alert-silent-until = без сообщений до { $time }
alert-silenced = Заглушены
alert-silence = { $title }: до { $time } ({ $name })
alert-still = Всё ещё так, уже { $lasted }, и никто этим не занимается.
alert-seconds = { $count } с
alert-minutes = { $count } мин
alert-hours = { $hours } ч { $minutes } мин
button-ack = ✋ Я займусь
button-silence-1 = 🔇 1 ч
button-silence-8 = 🔇 8 ч
button-end-silence = 🔊 { $name }
alert-rule-database-down = База данных не отвечает
alert-rule-database-down-advice = Пока её нет, бот ничего не принимает и не отвечает.
alert-rule-redis-down = Redis не отвечает
alert-rule-redis-down-advice = Бот работает на своей памяти, ничего не теряется.
alert-rule-telegram-refusing = Telegram отклоняет вызовы
alert-rule-telegram-refusing-advice = Ответы могут опаздывать. Проверьте сеть и состояние Telegram.
alert-rule-token-rejected = Telegram не принимает токен бота
alert-rule-token-rejected-advice = Его отозвали? Задайте новый и перезапустите бота.
alert-rule-poll-stalled = Бот оглох: обновления не приходят
alert-rule-poll-stalled-advice = Он пробует сам. Если не проходит, перезапустите бота и проверьте сеть.
alert-rule-poll-conflict = Кто-то ещё опрашивает Telegram с этим токеном
alert-rule-poll-conflict-advice = Остановите другого бота или дайте ему свой токен.
alert-rule-updates-late = Сообщения ждут слишком долго
alert-rule-updates-late-advice = Люди пишут и не получают ответа. Проверьте базу данных и нагрузку.
alert-rule-queue-stuck = Фоновые задачи стоят
alert-rule-queue-stuck-advice = Самая старая ждёт уже несколько минут. Проверьте работников: primelingo jobs list
alert-rule-dead-jobs = Много задач брошено
alert-rule-dead-jobs-advice = Посмотреть и повторить: primelingo jobs
alert-rule-no-workers = Задачи ждут, а работников нет
alert-rule-no-workers-advice = Запустите работника: primelingo worker
alert-rule-broadcast-stalled = Рассылка стоит
alert-rule-broadcast-stalled-advice = Она не на паузе и не завершена. Смотрите /broadcasts и ответы Telegram.
alert-rule-actor-restarting = Часть бота раз за разом перезапускается
alert-rule-actor-restarting-advice = Почему — в журнале.
alert-rule-actor-down = Часть бота не работает
alert-rule-actor-down-advice = Перезапустите бота; что её остановило — в журнале.
alert-rule-mailbox-full = Часть бота не успевает
alert-rule-mailbox-full-advice = Её очередь почти полна. Проверьте нагрузку и базу данных.
alert-rule-loop-lag = Цикл событий задерживается
alert-rule-loop-lag-advice = Что-то слишком долго считает. Ответы опаздывают.
alert-rule-panics = В программе случился сбой
alert-rule-panics-advice = Она продолжила работу сама. Где это было — в журнале; сообщите разработчикам.
alert-rule-disk-nearly-full = Диск почти заполнен
alert-rule-disk-nearly-full-advice = Новые файлы ждут или отклоняются. Освободите место.
alert-rule-backup-stale = Последняя резервная копия устарела
alert-rule-backup-stale-advice = Более новой, проверенной восстановлением, нет. Посмотрите последнее задание make_backup или сделайте копию: primelingo backup create.
alert-rule-webhook-forged = Кто-то подделывает вызовы вебхука
alert-rule-webhook-forged-advice = Они отклоняются. Посмотрите, кто это, и смените секрет, если сомневаетесь.
alert-rule-auth-failures = Кто-то подбирает пароли
alert-rule-auth-failures-advice = Входы раз за разом не удаются. Посмотрите, кто это, и закройте адрес снаружи.
alert-rule-watchdog-silent = Prometheus или Alertmanager молчит
alert-rule-watchdog-silent-advice = Сигнала жизни нет уже десять минут: тревоги оттуда могут не прийти.
# Панель
audit-jobs = Задания
audit-program = Программа
audit-control-job = ⚙️ Задания
audit-control-queue = ⏯ Очередь
audit-control-program = 🖥 Программа
help-dashboard = Для команды: /dashboard даёт ссылку на страницу, где видно, как работает бот.
dashboard-link = 🖥 Ваша ссылка на панель. Она сработает один раз, в течение 10 минут, и только у вас:
dashboard-off = Панель выключена. Её включает тот, кто запускает бота: web.listen.
dashboard-staff-only = Панель — для команды школы.

owner-now = ✅ Теперь вы владелец этого бота. Что вы можете, покажет /help; роли другим дают командой «primelingo users role».
owner-already = Вы уже владелец.
owner-code-unknown = Эта ссылка уже использована или устарела. Новую делает тот, кто запускает бота: «primelingo users owner-code».

# Privacy, more
audit-erased = кто-то, чьи данные удалены
privacy-days = { $days ->
    [one] Не дольше { $days } дня.
   *[other] Не дольше { $days } дней.
}
privacy-days-between = { $days ->
    [one] От { $from } до { $days } дня.
   *[other] От { $from } до { $days } дней.
}

## Люди
shut-out = 🚫 Школа закрыла для вас этого бота. Если вы считаете, что это ошибка, напишите в школу. /privacy, /mydata и /deletemydata по-прежнему работают.
toast-shut-out = Школа закрыла для вас этого бота.
people-admins-only = Искать людей могут только администраторы. Если это нужно вам, попросите владельца.
roles-owners-only = Роли дают только владельцы.
people-ask = 👥 Кого вы ищете? Пришлите номер, @имя или имя. /cancel — отмена.
people-nobody = Никого такого я не знаю. По номеру можно найти и того, кто мне ещё не писал.
people-found = 👥 Найдены
people-staff = 🔑 Люди с ролью
people-more = Есть и другие: пришлите имя подлиннее.
people-unknown = (неизвестно)
people-number = Номер
people-role = Роль
people-by-configuration = (из настроек)
people-seen = Последний раз
people-never = никогда
people-is-banned = 🚫 Заблокирован(а)
people-banned = 🚫 Заблокировано. С этой минуты бот для этого человека закрыт.
people-unbanned = ✅ Разблокировано. Бот снова открыт для этого человека, без роли.
people-role-given = ✅ Роль изменена.
people-not-yourself = О себе никто не решает. Это может сделать другой владелец.
people-not-an-owner = Владельца нельзя заблокировать. Сначала снимите роль: /admins
people-not-your-rank = Для этого человека вашей роли мало. Попросите владельца.
people-configured = Этот владелец назван в настройках (access.owners). Измените их.
people-unban-first = Этот человек заблокирован. Сначала разблокируйте.
people-so-already = Так уже и есть.
people-too-late = Прошло слишком много времени, ничего не сделано. Нажмите кнопку ещё раз.
people-ask-ban = 🚫 Заблокировать: { $who }? Бот больше не будет отвечать этому человеку и писать ему; роль пропадёт. Об этом будет сказано один раз.
people-ask-unban = Разблокировать: { $who }? Бот снова откроется, как для ученика.
people-ask-role = 🔑 { $who }: сменить роль на «{ $role }»?
people-ask-within = Ответ принимается 60 секунд.
rank-learner = ученик
rank-editor = редактор
rank-admin = администратор
rank-owner = владелец
button-ban = 🚫 Заблокировать
button-unban = ✅ Разблокировать
button-make-learner = 👤 Снять роль
button-make-editor = ✏️ Сделать редактором
button-make-admin = 📣 Сделать администратором
button-make-owner = 🔑 Сделать владельцем
button-find-person = 👥 Найти другого
button-yes-do-it = ✅ Да, сделать
button-no-leave-it = ⬅️ Нет, оставить
audit-ban = 🚫 Заблокирован(а)
audit-unban = ✅ Разблокирован(а)
help-people = /users находит людей; там их можно заблокировать и разблокировать.
help-staff = /admins показывает, у кого какая роль, и меняет её.

## Неудавшиеся задания
jobs-admins-only = Неудавшиеся задания видят только администраторы. Если это нужно вам, попросите владельца.
jobs-head = ⚙️ Задания, которые не удались
jobs-none = ✅ Неудавшихся заданий нет.
jobs-count = { $count ->
    [one] { $count } задание
    [few] { $count } задания
   *[many] { $count } заданий
}
jobs-more = Есть и другие группы ({ $count }); здесь самые большие.
jobs-again = 🔁 Ещё одна попытка: { $count ->
    [one] { $count } задание.
    [few] { $count } задания.
   *[many] { $count } заданий.
}
jobs-dropped = 🗑 Убрано: { $count ->
    [one] { $count } задание.
    [few] { $count } задания.
   *[many] { $count } заданий.
}
jobs-gone = Такой группы больше нет: ею кто-то уже занялся.
jobs-ask-drop = 🗑 Убрать навсегда { $count ->
    [one] { $count } задание
    [few] { $count } задания
   *[many] { $count } заданий
}? Порученное им сделано не будет.
button-jobs-retry = 🔁 Ещё раз
button-jobs-drop = 🗑 Убрать
button-jobs-show = 🔄 Показать снова
help-jobs = /jobs показывает неудавшиеся задания: их можно повторить или убрать.

# Limits
notice-too-much = ⏳ Слишком много сразу. Часть этого я пропустил; подождите несколько секунд и спросите ещё раз.
