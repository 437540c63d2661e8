// The words of the page in its three languages, and how numbers, times and spans are written.
//
// Invariants: each key has all three languages side by side, so none can be forgotten; a word that
// depends on a number is an object with the categories of Intl.PluralRules. Looked up by own keys
// only: a name from the server such as "constructor" finds nothing.

export const LANGUAGES = ['en', 'ru', 'uz'];

// Browsers come with plural rules for Uzbek, but many without its numbers and dates. Russian ones
// are written alike: 1 234,5 and 25.11.2026.
const WRITTEN_LIKE = { en: 'en-GB', ru: 'ru', uz: 'ru' };
const MONTH = { en: 'short', ru: 'short', uz: '2-digit' };

const WORDS = {
  // The frame
  title: ['Dashboard', 'Панель управления', 'Boshqaruv paneli'],
  skip: ['Skip to the figures', 'К показателям', 'Koʻrsatkichlarga oʻtish'],
  language: ['Language', 'Язык', 'Til'],
  theme_auto: ['Theme: as the system', 'Тема: как в системе', 'Mavzu: tizimdagidek'],
  theme_light: ['Theme: light', 'Тема: светлая', 'Mavzu: yorugʻ'],
  theme_dark: ['Theme: dark', 'Тема: тёмная', 'Mavzu: qorongʻi'],
  help: ['Keyboard shortcuts', 'Сочетания клавиш', 'Tezkor tugmalar'],
  leave: ['Sign out', 'Выйти', 'Chiqish'],
  close: ['Close', 'Закрыть', 'Yopish'],
  cancel: ['Keep as is', 'Оставить как есть', 'Shunday qolsin'],
  role_viewer: ['viewer', 'наблюдатель', 'kuzatuvchi'],
  role_operator: ['operator', 'оператор', 'operator'],
  role_owner: ['owner', 'владелец', 'egasi'],

  // Signing in
  gate_title: ['Sign in through the bot', 'Вход через бота', 'Bot orqali kirish'],
  gate_text: [
    'Write this command to the bot. It answers with a link that opens this page, once and for you only.',
    'Отправьте боту эту команду. Он пришлёт ссылку, которая откроет эту страницу: один раз и только вам.',
    'Botga shu buyruqni yuboring. U bu sahifani ochadigan havola yuboradi: bir marta va faqat siz uchun.',
  ],
  gate_again: ['I have signed in', 'Вход выполнен', 'Kirdim'],
  copy: ['Copy', 'Скопировать', 'Nusxalash'],
  copied: ['Copied', 'Скопировано', 'Nusxalandi'],

  // The connection
  link_connecting: ['Connecting', 'Подключение', 'Ulanmoqda'],
  link_live: ['Live', 'На связи', 'Aloqada'],
  link_lost: ['No connection', 'Нет связи', 'Aloqa yoʻq'],
  link_paused: ['Paused', 'Приостановлено', 'Toʻxtatilgan'],
  link_out: ['Signed out', 'Вход не выполнен', 'Kirilmagan'],
  lost: ['The connection is lost.', 'Связь потеряна.', 'Aloqa uzildi.'],
  bye: ['The program is restarting.', 'Программа перезапускается.', 'Dastur qayta ishga tushmoqda.'],
  lost_never: ['No figures have come yet.', 'Показателей пока нет.', 'Hozircha koʻrsatkichlar yoʻq.'],
  lost_since: [
    'These figures are {age} old.', 'Эти показатели получены {age} назад.', 'Bu koʻrsatkichlar {age} oldin olingan.',
  ],
  retry_in: ['Next try in {t}.', 'Новая попытка через {t}.', 'Keyingi urinishgacha {t}.'],
  retrying: ['Trying now…', 'Пробуем…', 'Urinib koʻrilmoqda…'],
  try_now: ['Try now', 'Попробовать сейчас', 'Hozir urinish'],
  store_away: [
    'The database does not answer. Greyed figures are those of {t}.',
    'База данных не отвечает. Серые показатели — на {t}.',
    'Maʼlumotlar bazasi javob bermayapti. Kulrang koʻrsatkichlar {t} holatiga.',
  ],
  store_never: [
    'The database does not answer, and there are no figures from it yet.',
    'База данных не отвечает, показателей из неё ещё не было.',
    'Maʼlumotlar bazasi javob bermayapti, undan hali koʻrsatkich kelmagan.',
  ],
  as_of: ['as of {t}', 'на {t}', '{t} holatiga'],

  not_known: ['Not known yet.', 'Пока неизвестно.', 'Hozircha nomaʼlum.'],

  // How it is, in a sentence
  all_well: ['Everything is working', 'Всё работает', 'Hammasi ishlayapti'],
  needs_look: ['Needs a look', 'Требует внимания', 'Eʼtibor kerak'],
  is_broken: ['Something is broken', 'Есть неисправность', 'Nosozlik bor'],
  no_figures: ['Waiting for the first figures', 'Ждём первые показатели', 'Dastlabki koʻrsatkichlar kutilmoqda'],
  no_news: ['No news since {t}', 'Нет вестей с {t}', '{t} dan beri xabar yoʻq'],
  before: ['Before that: {text}', 'До этого: {text}', 'Undan oldin: {text}'],
  alerts_open: [
    { one: '{n} alert', other: '{n} alerts' },
    { one: '{n} оповещение', few: '{n} оповещения', many: '{n} оповещений', other: '{n} оповещения' },
    { one: '{n} ta ogohlantirish', other: '{n} ta ogohlantirish' },
  ],
  version: ['Version', 'Версия', 'Versiya'],
  role_leader: ['leader', 'ведущий', 'yetakchi'],
  role_standby: ['standby', 'запасной', 'zaxira'],
  role_worker: ['worker', 'исполнитель', 'ishchi'],

  // Tiles
  tile_users: ['Users', 'Пользователи', 'Foydalanuvchilar'],
  tile_users_sub: ['{n} can be reached', 'доступны: {n}', '{n} tasi bilan aloqa bor'],
  tile_active: ['Active today', 'Активны за сутки', 'Bugun faol'],
  tile_active_sub: ['7\u00a0d\u00a0{w} · 30\u00a0d\u00a0{m}', '7\u00a0дн\u00a0{w} · 30\u00a0дн\u00a0{m}', '7\u00a0kun\u00a0{w} · 30\u00a0kun\u00a0{m}'],
  tile_updates: ['Updates per second', 'Обновлений в секунду', 'Soniyadagi yangilanishlar'],
  tile_updates_sub: ['{n} replies', 'ответов: {n}', 'javoblar: {n}'],
  tile_latency: ['Time to reply, 99\u00a0%', 'Время ответа, 99\u00a0%', 'Javob vaqti, 99\u00a0%'],
  tile_latency_sub: ['half within {t}', 'половина до {t}', 'yarmi {t} ichida'],
  tile_poll: ['Last poll', 'Последний опрос', 'Oxirgi soʻrov'],
  tile_poll_sub: ['of Telegram', 'Telegram', 'Telegramga'],
  tile_open: ['Being worked on', 'В работе', 'Ishlanmoqda'],
  tile_open_sub: ['oldest {t}', 'старейшее {t}', 'eng eskisi {t}'],
  tile_open_none: ['nothing waits', 'ничто не ждёт', 'hech narsa kutmayapti'],

  // Health
  health: ['Health', 'Состояние', 'Holat'],
  health_empty: ['No reports yet.', 'Сведений пока нет.', 'Hozircha maʼlumot yoʻq.'],
  part_database: ['Database', 'База данных', 'Maʼlumotlar bazasi'],
  part_redis: ['Redis', 'Redis', 'Redis'],
  part_telegram: ['Telegram', 'Telegram', 'Telegram'],
  part_queue: ['Job queue', 'Очередь заданий', 'Vazifalar navbati'],
  part_storage: ['Storage', 'Хранилище', 'Xotira'],
  part_poller: ['Updates', 'Обновления', 'Yangilanishlar'],
  state_up: ['works', 'работает', 'ishlayapti'],
  state_degraded: ['works badly', 'работает плохо', 'yomon ishlayapti'],
  state_down: ['is down', 'не работает', 'ishlamayapti'],
  state_silent: ['does not answer', 'не отвечает', 'javob bermayapti'],
  state_unknown: ['unknown', 'неизвестно', 'nomaʼlum'],
  for_span: ['for {t}', 'уже {t}', '{t} davomida'],

  // Alerts
  alerts: ['Alerts', 'Оповещения', 'Ogohlantirishlar'],
  alerts_empty: ['No alerts. Enjoy the quiet.', 'Оповещений нет. Всё спокойно.', 'Ogohlantirish yoʻq. Hammasi tinch.'],
  severity_page: ['urgent', 'срочно', 'shoshilinch'],
  severity_ticket: ['soon', 'не срочно', 'keyinroq'],
  severity_info: ['note', 'к сведению', 'maʼlumot'],
  alert_firing: ['since {t}', 'с {t}', '{t} dan beri'],
  alert_resolved: ['over', 'прошло', 'oʻtdi'],
  alert_pending: ['building up since {t}', 'назревает с {t}', '{t} dan beri yigʻilmoqda'],
  alert_acked: ['{who} is on it', 'занимается {who}', '{who} shugʻullanmoqda'],
  ack: ['I am on it', 'Займусь', 'Shugʻullanaman'],

  // Charts
  charts: ['Charts', 'Графики', 'Grafiklar'],
  chart_traffic: ['Throughput', 'Поток', 'Oqim'],
  chart_latency: ['Time to reply', 'Время ответа', 'Javob vaqti'],
  chart_broadcast: ['Broadcasts', 'Рассылки', 'Tarqatmalar'],
  per_second: ['per second', 'в секунду', 'soniyasiga'],
  milliseconds: ['milliseconds', 'миллисекунды', 'millisoniya'],
  series_in: ['updates', 'обновления', 'yangilanishlar'],
  series_out: ['replies', 'ответы', 'javoblar'],
  series_p50: ['half', 'половина', 'yarmi'],
  series_p99: ['99 %', '99 %', '99 %'],
  series_bc: ['messages', 'сообщения', 'xabarlar'],
  mark_restart: ['restart: {text}', 'перезапуск: {text}', 'qayta ishga tushdi: {text}'],
  mark_alert: ['alert: {text}', 'оповещение: {text}', 'ogohlantirish: {text}'],
  chart_empty: ['The line begins in a few seconds.', 'График начнётся через несколько секунд.', 'Chiziq bir necha soniyada boshlanadi.'],
  chart_keys: ['arrow keys read the values', 'стрелки читают значения', 'qiymatlarni strelkalar oʻqiydi'],
  highest: ['highest {n}', 'наибольшее {n}', 'eng kattasi {n}'],
  range: ['Time shown', 'Период', 'Davr'],

  // Broadcasts
  broadcasts: ['Broadcasts', 'Рассылки', 'Tarqatmalar'],
  broadcasts_empty: ['Nothing is being sent.', 'Сейчас ничего не рассылается.', 'Hozir hech narsa tarqatilmayapti.'],
  bc_running: ['running', 'идёт', 'ketmoqda'],
  bc_paused: ['paused', 'на паузе', 'toʻxtatib turilgan'],
  bc_scheduled: ['planned', 'по плану', 'rejada'],
  bc_planned: ['planned', 'по плану', 'rejada'],
  bc_draft: ['draft', 'черновик', 'qoralama'],
  bc_done: ['done', 'завершена', 'tugadi'],
  bc_cancelled: ['cancelled', 'отменена', 'bekor qilindi'],
  bc_stopped: ['stopped', 'остановлена', 'toʻxtatildi'],
  bc_missed: ['missed its time', 'пропущена', 'vaqti oʻtib ketdi'],
  bc_failed: ['failed', 'сбой', 'muvaffaqiyatsiz'],
  bc_of: ['{done} of {total}', '{done} из {total}', '{done} / {total}'],
  bc_rate: ['{n} per second', '{n} в секунду', 'soniyasiga {n}'],
  bc_left: ['{t} left', 'осталось {t}', '{t} qoldi'],
  bc_not: ['{n} failed', 'не доставлено: {n}', 'yetmadi: {n}'],
  bc_blocked: ['{n} blocked the bot', 'заблокировали бота: {n}', 'botni bloklagan: {n}'],

  // Queues and jobs
  queues: ['Queues', 'Очереди', 'Navbatlar'],
  queues_empty: ['No queue has any job.', 'Заданий в очередях нет.', 'Navbatlarda vazifa yoʻq.'],
  workers: ['Workers: {busy} busy, {idle} free', 'Исполнители: заняты {busy}, свободны {idle}', 'Ishchilar: {busy} band, {idle} boʻsh'],
  queue: ['Queue', 'Очередь', 'Navbat'],
  ready: ['Ready', 'Готовы', 'Tayyor'],
  scheduled: ['Later', 'Позже', 'Keyin'],
  running: ['Running', 'Выполняются', 'Bajarilmoqda'],
  retry_col: ['Again', 'Повторно', 'Qayta'],
  dead: ['Failed', 'Не удались', 'Bajarilmadi'],
  oldest: ['Oldest waits', 'Старейшее ждёт', 'Eng eskisi kutmoqda'],
  actions: ['Actions', 'Действия', 'Amallar'],
  paused: ['paused', 'на паузе', 'toʻxtatilgan'],
  jobs: ['Jobs at work', 'Задания в работе', 'Ishdagi vazifalar'],
  job: ['Job', 'Задание', 'Vazifa'],
  job_n: ['Job {id}', 'Задание {id}', 'Vazifa {id}'],
  task: ['Kind', 'Вид', 'Tur'],
  state: ['State', 'Состояние', 'Holat'],
  age: ['Age', 'Возраст', 'Yoshi'],
  job_running: ['running', 'выполняется', 'bajarilmoqda'],
  job_ready: ['ready', 'готово', 'tayyor'],
  job_scheduled: ['later', 'позже', 'keyin'],
  job_retry: ['again', 'повторно', 'qayta'],
  failed: ['Failed jobs', 'Неудавшиеся задания', 'Bajarilmagan vazifalar'],
  failed_empty: ['No job has failed.', 'Неудавшихся заданий нет.', 'Bajarilmagan vazifa yoʻq.'],
  times: [
    { one: '{n} time', other: '{n} times' },
    { one: '{n} раз', few: '{n} раза', many: '{n} раз', other: '{n} раза' },
    { one: '{n} marta', other: '{n} marta' },
  ],
  jobs_n: [
    { one: '{n} job', other: '{n} jobs' },
    { one: '{n} задание', few: '{n} задания', many: '{n} заданий', other: '{n} задания' },
    { one: '{n} ta vazifa', other: '{n} ta vazifa' },
  ],
  and_more: ['and {n} more', 'и ещё {n}', 'yana {n} ta'],
  last_at: ['last {t}', 'последний раз {t}', 'oxirgisi {t}'],

  // Actors
  actors: ['Actors', 'Акторы', 'Aktorlar'],
  actors_empty: ['The actors have not answered yet.', 'Акторы пока не ответили.', 'Aktorlar hali javob bermadi.'],
  actor: ['Actor', 'Актор', 'Aktor'],
  mailbox: ['Mailbox', 'Почтовый ящик', 'Pochta qutisi'],
  mailbox_of: ['{depth} of {capacity}', '{depth} из {capacity}', '{depth} / {capacity}'],
  wait: ['Wait', 'Ожидание', 'Kutish'],
  handled: ['Handled', 'Обработано', 'Bajarildi'],
  restarts: ['Restarts', 'Перезапуски', 'Qayta yoqilgan'],
  last_exit: ['Last exit', 'Последний выход', 'Oxirgi chiqish'],
  actors_n: [
    { one: '{n} actor', other: '{n} actors' },
    { one: '{n} актор', few: '{n} актора', many: '{n} акторов', other: '{n} актора' },
    { one: '{n} ta aktor', other: '{n} ta aktor' },
  ],
  actor_running: ['running', 'работает', 'ishlayapti'],
  actor_starting: ['starting', 'запускается', 'ishga tushmoqda'],
  actor_backing_off: ['will start again', 'скоро перезапустится', 'qayta ishga tushadi'],
  actor_restarting: ['restarting', 'перезапускается', 'qayta ishga tushmoqda'],
  actor_draining: ['finishing', 'завершает работу', 'ishini tugatmoqda'],
  actor_stopped: ['stopped', 'остановлен', 'toʻxtagan'],
  actor_failed: ['failed', 'сбой', 'nosoz'],
  actor_unknown: ['no answer', 'нет ответа', 'javob yoʻq'],

  // Searches
  searches: ['Searches', 'Поиск', 'Qidiruvlar'],
  top: ['Most wanted', 'Чаще всего ищут', 'Eng koʻp qidirilgan'],
  top_empty: ['Nobody has searched yet.', 'Пока никто не искал.', 'Hali hech kim qidirmagan.'],
  empty: ['Found nothing', 'Не нашлось', 'Topilmagan'],
  empty_empty: ['Everybody found something.', 'Все что-то нашли.', 'Hamma nimadir topgan.'],

  // Errors
  errors: ['Errors', 'Ошибки', 'Xatolar'],
  errors_empty: ['No errors. Long may it last.', 'Ошибок нет. Так держать.', 'Xatolar yoʻq. Shunday davom etsin.'],
  group: ['group {id}', 'группа {id}', '{id} guruhi'],

  // Audit
  audit: ['Who did what', 'Кто что сделал', 'Kim nima qildi'],
  audit_empty: ['Nobody has changed anything.', 'Никто ничего не менял.', 'Hech kim hech narsani oʻzgartirmagan.'],
  audit_all: ['All of it, with filters', 'Всё, с отбором', 'Hammasi, saralash bilan'],
  audit_back: ['To the dashboard', 'К панели', 'Panelga'],
  audit_subject: ['Done to', 'С чем', 'Nima bilan'],
  audit_action: ['What', 'Что', 'Nima'],
  audit_actor: ['Who (number)', 'Кто (номер)', 'Kim (raqam)'],
  audit_any: ['All', 'Всё', 'Hammasi'],
  audit_show: ['Show', 'Показать', 'Koʻrsatish'],
  audit_clear: ['Without filters', 'Без отбора', 'Saralashsiz'],
  audit_nothing: ['Nothing fits.', 'Ничего не подходит.', 'Mos keladigani yoʻq.'],
  audit_newest: ['The newest', 'Самые новые', 'Eng yangilari'],
  audit_older: ['Older ones', 'Более старые', 'Eskiroqlari'],
  audit_erased: ['somebody who was erased', 'кто-то, чьи данные удалены', 'maʼlumotlari oʻchirilgan kishi'],
  audit_cli: ['command line', 'командная строка', 'buyruqlar satri'],
  audit_filter: ['There is no such filter.', 'Такого отбора нет.', 'Bunday saralash yoʻq.'],
  audit_sign_in: [
    'You are not signed in. The bot gives a link: /dashboard',
    'Вход не выполнен. Ссылку даёт бот: /dashboard',
    'Kirilmagan. Havolani bot beradi: /dashboard',
  ],
  audit_of_material: ['materials', 'материалы', 'materiallar'],
  audit_of_section: ['sections', 'разделы', 'boʻlimlar'],
  audit_of_person: ['people', 'люди', 'odamlar'],
  audit_of_broadcast: ['broadcasts', 'рассылки', 'tarqatmalar'],
  audit_of_report: ['reports', 'жалобы', 'shikoyatlar'],
  audit_of_alert: ['alerts', 'оповещения', 'ogohlantirishlar'],
  audit_of_job: ['jobs', 'задания', 'vazifalar'],
  audit_of_program: ['program', 'программа', 'dastur'],
  via_web: ['here', 'здесь', 'shu yerda'],
  via_cli: ['on the command line', 'в командной строке', 'buyruqlar satrida'],
  via_bot: ['in the bot', 'в боте', 'botda'],

  // This process
  process: ['This process', 'Этот процесс', 'Shu jarayon'],
  instance: ['Instance', 'Экземпляр', 'Nusxa'],
  role: ['Role', 'Роль', 'Vazifasi'],
  uptime: ['Running for', 'Работает', 'Ishlash vaqti'],
  log_level: ['Log level', 'Подробность журнала', 'Jurnal darajasi'],

  // Buttons
  pause: ['Pause', 'Пауза', 'Toʻxtatib turish'],
  resume: ['Resume', 'Продолжить', 'Davom ettirish'],
  stop: ['Cancel', 'Отменить', 'Bekor qilish'],
  retry: ['Retry', 'Повторить', 'Qayta urinish'],
  retry_all: ['Retry all', 'Повторить все', 'Hammasini qayta'],
  drop: ['Drop', 'Убрать', 'Olib tashlash'],
  drop_all: ['Drop all', 'Убрать все', 'Hammasini olib tashlash'],
  restart: ['Restart', 'Перезапустить', 'Qayta ishga tushirish'],
  undo: ['Undo', 'Вернуть', 'Qaytarish'],
  more: ['Show all {n}', 'Показать все: {n}', 'Hammasini koʻrsatish: {n}'],
  less: ['Show fewer', 'Свернуть', 'Kamroq koʻrsatish'],
  restart_title: ['Restart {name}?', 'Перезапустить {name}?', '{name} qayta ishga tushirilsinmi?'],
  restart_text: [
    'It ends at once and starts anew. What it works on now is taken up again.',
    'Он сразу завершится и запустится заново. То, чем он занят, будет начато снова.',
    'U darhol toʻxtaydi va qaytadan ishga tushadi. Hozirgi ishi boshidan olinadi.',
  ],

  // What was done
  did_broadcast_pause: ['Broadcast paused', 'Рассылка на паузе', 'Tarqatma toʻxtatib turildi'],
  did_broadcast_resume: ['Broadcast goes on', 'Рассылка продолжается', 'Tarqatma davom etmoqda'],
  did_broadcast_cancel: ['Broadcast cancelled', 'Рассылка отменена', 'Tarqatma bekor qilindi'],
  did_job_retry: ['Job will be retried', 'Задание будет повторено', 'Vazifa qayta bajariladi'],
  did_job_drop: ['Job dropped', 'Задание убрано', 'Vazifa olib tashlandi'],
  did_job_cancel: ['Job cancelled', 'Задание отменено', 'Vazifa bekor qilindi'],
  did_group_retry: ['All jobs of the group will be retried', 'Все задания группы будут повторены', 'Guruhdagi hamma vazifa qayta bajariladi'],
  did_group_drop: ['All jobs of the group dropped', 'Все задания группы убраны', 'Guruhdagi hamma vazifa olib tashlandi'],
  did_queue_pause: ['Queue paused', 'Очередь на паузе', 'Navbat toʻxtatildi'],
  did_queue_resume: ['Queue goes on', 'Очередь продолжает работу', 'Navbat davom etmoqda'],
  did_actor_restart: ['Actor restarted', 'Актор перезапущен', 'Aktor qayta ishga tushirildi'],
  did_log_level: ['Log level changed', 'Подробность журнала изменена', 'Jurnal darajasi oʻzgardi'],
  did_alert_ack: ['Alert taken', 'Оповещение взято', 'Ogohlantirish olindi'],
  did_undo: ['Undone', 'Возвращено', 'Qaytarildi'],
  did_publish: ['Published', 'Опубликовано', 'Eʼlon qilindi'],
  did_edit: ['Edited', 'Изменено', 'Tahrirlandi'],
  did_archive: ['Archived', 'В архив', 'Arxivga olindi'],
  did_restore: ['Restored', 'Возвращено из архива', 'Arxivdan qaytarildi'],
  did_replace: ['File replaced', 'Файл заменён', 'Fayl almashtirildi'],
  did_create_section: ['Section created', 'Раздел создан', 'Boʻlim yaratildi'],
  did_rename_section: ['Section renamed', 'Раздел переименован', 'Boʻlim nomi oʻzgardi'],
  did_move_section: ['Section moved', 'Раздел перемещён', 'Boʻlim koʻchirildi'],
  did_merge_section: ['Section merged', 'Раздел объединён', 'Boʻlim birlashtirildi'],
  did_delete_section: ['Section deleted', 'Раздел удалён', 'Boʻlim oʻchirildi'],
  did_sign_in: ['Signed in here', 'Вход на панель', 'Panelga kirdi'],
  did_set_role: ['Role given', 'Выдана роль', 'Rol berildi'],
  did_ban: ['Banned', 'Заблокирован(а)', 'Bloklandi'],
  did_unban: ['Unbanned', 'Разблокирован(а)', 'Blokdan chiqarildi'],
  did_create_broadcast: ['Broadcast confirmed', 'Рассылка подтверждена', 'Tarqatma tasdiqlandi'],
  did_control_broadcast: ['Broadcast controlled', 'Управление рассылкой', 'Tarqatma boshqarildi'],
  did_set_series: ['Series changed', 'Серия изменена', 'Turkum oʻzgardi'],
  did_settle_report: ['Report settled', 'Жалоба закрыта', 'Shikoyat yopildi'],
  did_ack_alert: ['Alert taken', 'Оповещение взято', 'Ogohlantirish olindi'],
  did_silence_alert: ['Alert silenced', 'Оповещение приглушено', 'Ogohlantirish jim qilindi'],
  did_end_silence: ['Silence ended', 'Оповещение снова слышно', 'Ogohlantirish yana eshitiladi'],
  did_control_job: ['Jobs', 'Задания', 'Vazifalar'],
  did_control_queue: ['Queue', 'Очередь', 'Navbat'],
  did_control_program: ['Program', 'Программа', 'Dastur'],
  will_undo: ['Press Undo within {t}.', 'Вернуть можно в течение {t}.', '{t} ichida qaytarish mumkin.'],
  pending: ['takes effect shortly', 'скоро вступит в силу', 'tez orada kuchga kiradi'],

  // What went wrong with an action
  oops_role: ['Your role does not allow that.', 'Ваша роль этого не позволяет.', 'Rolingiz bunga ruxsat bermaydi.'],
  oops_gone: ['That is not there any more.', 'Этого уже нет.', 'Bu endi yoʻq.'],
  oops_state: ['It has changed meanwhile. Look again.', 'Тем временем всё изменилось. Посмотрите ещё раз.', 'Shu orada oʻzgardi. Qayta qarang.'],
  oops_database: ['The database does not answer. Try again later.', 'База данных не отвечает. Попробуйте позже.', 'Maʼlumotlar bazasi javob bermayapti. Keyinroq urining.'],
  oops_many: ['Too many requests. Wait a little.', 'Слишком много запросов. Подождите немного.', 'Soʻrovlar juda koʻp. Biroz kuting.'],
  oops_network: ['No connection. Nothing was changed.', 'Нет связи. Ничего не изменено.', 'Aloqa yoʻq. Hech narsa oʻzgarmadi.'],
  oops_other: ['That did not work ({code}).', 'Не получилось ({code}).', 'Amalga oshmadi ({code}).'],

  // Keys
  key_panels: ['to the panels, in order', 'к разделам по порядку', 'boʻlimlarga, tartib bilan'],
  key_theme: ['light, dark, as the system', 'светлая, тёмная, как в системе', 'yorugʻ, qorongʻi, tizimdagidek'],
  key_language: ['next language', 'следующий язык', 'keyingi til'],
  key_undo: ['undo the last action', 'вернуть последнее действие', 'oxirgi amalni qaytarish'],
  key_again: ['connect again now', 'подключиться сейчас', 'hozir qayta ulanish'],
  key_chart: ['on a chart: read its values', 'на графике: читать значения', 'grafikda: qiymatlarni oʻqish'],
  key_help: ['this list', 'этот список', 'shu roʻyxat'],
  keys_on: ['Shortcuts are on', 'Сочетания включены', 'Tezkor tugmalar yoqilgan'],

  // Units of time
  ms: ['{n}\u00a0ms', '{n}\u00a0мс', '{n}\u00a0ms'],
  s: ['{n}\u00a0s', '{n}\u00a0с', '{n}\u00a0s'],
  min: ['{n}\u00a0min', '{n}\u00a0мин', '{n}\u00a0daq'],
  h: ['{n}\u00a0h', '{n}\u00a0ч', '{n}\u00a0soat'],
  d: ['{n}\u00a0d', '{n}\u00a0дн', '{n}\u00a0kun'],
  ago: ['{t} ago', '{t} назад', '{t} oldin'],
  now: ['just now', 'только что', 'hozirgina'],
  none: ['–', '–', '–'],
};

let at = 0;
let rules = new Intl.PluralRules('en');
let clockOf = null;
let minuteOf = null;
let dayOf = null;
let wholeOf = null;
const numbers = new Map();

export function language() {
  return LANGUAGES[at];
}

export function speak(lang) {
  at = Math.max(0, LANGUAGES.indexOf(lang));
  const written = WRITTEN_LIKE[LANGUAGES[at]];
  rules = new Intl.PluralRules(LANGUAGES[at]);
  numbers.clear();
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  clockOf = new Intl.DateTimeFormat(written, { ...time, second: '2-digit' });
  minuteOf = new Intl.DateTimeFormat(written, time);
  dayOf = new Intl.DateTimeFormat(written, { ...time, day: '2-digit', month: MONTH[LANGUAGES[at]] });
  const whole = { ...time, second: '2-digit', day: '2-digit', month: MONTH[LANGUAGES[at]], year: 'numeric' };
  wholeOf = new Intl.DateTimeFormat(written, whole);
}
speak('en');

// A word, or null if there is none of that key.
export function known(key, values = {}) {
  if (!Object.hasOwn(WORDS, key)) return null;
  let text = WORDS[key][at];
  if (typeof text !== 'string') text = text[rules.select(finite(values.n) ?? 0)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    if (!Object.hasOwn(values, name)) return whole;
    const value = values[name];
    return typeof value === 'number' ? number(value) : String(value);
  });
}

export function word(key, values) {
  return known(key, values) ?? key;
}

// A closed word of the server in the chosen language; one that is not known is shown as it came.
export function term(prefix, name) {
  return known(`${prefix}${name}`) ?? plain(name);
}

export function plain(value) {
  return value === null || value === undefined ? '' : String(value);
}

export function finite(value) {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function number(value, digits = 0) {
  if (finite(value) === null) return word('none');
  if (!numbers.has(digits)) {
    const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    numbers.set(digits, new Intl.NumberFormat(WRITTEN_LIKE[LANGUAGES[at]], form));
  }
  return numbers.get(digits).format(value);
}

// As many digits as tell something: 0.42, 4.2, 42, 4,200.
export function figure(value) {
  const size = Math.abs(finite(value) ?? 0);
  if (size === 0 || size >= 100) return number(value);
  return number(value, size < 1 ? 2 : 1);
}

function unit(name, value, digits = 0) {
  return word(name, { n: number(value, digits) });
}

export function millis(value) {
  if (finite(value) === null) return word('none');
  if (value >= 1000) return span(value / 1000);
  return unit('ms', value, value > 0 && value < 10 ? 1 : 0);
}

// A span of seconds in its two largest units.
export function span(value) {
  if (finite(value) === null) return word('none');
  const whole = Math.max(0, Math.floor(value));
  if (value < 9.95) return unit('s', Math.max(0, value), Number.isInteger(value) ? 0 : 1);
  if (whole < 60) return unit('s', whole);
  const [large, small, size, part] =
    whole < 3600 ? ['min', 's', 60, 1] : whole < 86400 ? ['h', 'min', 3600, 60] : ['d', 'h', 86400, 3600];
  const rest = Math.floor((whole % size) / part);
  const head = unit(large, Math.floor(whole / size));
  return rest === 0 ? head : `${head}\u00a0${unit(small, rest)}`;
}

// A span of whole seconds, for what counts down or only needs a glance.
export function wholeSpan(value) {
  return finite(value) === null ? word('none') : value < 10 ? unit('s', Math.max(0, Math.round(value))) : span(value);
}

export function ago(time, now) {
  if (finite(time) === null) return word('none');
  const age = (now - time) / 1000;
  return age < 2 ? word('now') : word('ago', { t: glance(age) });
}

// Only the largest unit.
export function glance(value) {
  if (finite(value) === null) return word('none');
  const age = Math.max(0, Math.floor(value));
  if (age < 60) return unit('s', age);
  if (age < 3600) return unit('min', Math.floor(age / 60));
  if (age < 86400) return unit('h', Math.floor(age / 3600));
  return unit('d', Math.floor(age / 86400));
}

// The time of day; with its day if that is not today.
export function clock(time, now = Date.now()) {
  if (finite(time) === null || Math.abs(time) > 8e15) return word('none');
  const near = new Date(time).toDateString() === new Date(now).toDateString();
  return (near ? clockOf : dayOf).format(time);
}

export function minute(time) {
  return finite(time) === null || Math.abs(time) > 8e15 ? word('none') : minuteOf.format(time);
}

// The day and the time, whenever that was.
export function whenever(time) {
  return finite(time) === null || Math.abs(time) > 8e15 ? word('none') : wholeOf.format(time);
}
