# Words of the interface. Every key stands in all three languages with the same variables; a test holds that.

## Menu and help
menu-greeting = 👋 Assalomu alaykum, { $name }!
menu-intro = Bu maktabning oʻquv kutubxonasi. Nima izlayotganingizni yozing: nomi, mavzusi yoki kitob ichidagi soʻzlar.
menu-stale = Bu tugma eskirgan. Mana yangi menyu.
menu-title = Nima qilamiz?
button-search = 🔍 Qidiruv
button-browse = 📚 Katalog
button-new = 🆕 Yangilar
button-settings = ⚙️ Sozlamalar
button-help = ❓ Yordam
button-menu = 🏠 Menyu
button-back = ⬅️ Orqaga
button-continue-upload = ▶️ Davom etish: { $title }
ask-query = 🔍 Nima izlayapsiz? Nomini, mavzusini, darajasini (masalan, B1) yoki kitob ichidagi soʻzlarni yozing.
help-title = Nimalar qila olaman
help-search = Qidirish uchun istalgan soʻzlarni yozing. Nomlar, teglar va kitob sahifalaridan qidiraman, imlo xatosi boʻlsa ham topaman.
help-commands =
    /search soʻzlar – qidiruv
    /browse – katalog
    /new – yangi qoʻshilganlar
    /favorites – saralanganlar
    /history – sizga berilganlar
    /settings – til, daraja, bildirishnomalar
    /requests – siz nimalarni soʻragansiz
    /privacy – siz haqingizda nima saqlanadi, /mydata – nusxasi, /deletemydata – oʻchirish
    /cancel – joriy amalni bekor qilish
    /help – shu yordam sahifasi
help-inline = Istalgan chatda @{ $bot } va bir necha soʻz yozing – materialni oʻsha yerga yuborasiz.
help-editor = Muharrirlar uchun: menga fayl yuboring, u nima ekanini oʻzim soʻrayman. /upload – boshlangan faylni davom ettirish. Ketma-ket yuborilgan fayllar birga tavsiflanadi. /drafts – qoralamalaringiz, /uploads – jarayondagi fayllar, /reports – oʻquvchilar buzuq degan fayllar. /edit e’lon qilinganni o‘zgartiradi, /archived arxivni ko‘rsatadi, /categories bo‘limlarni tartibga soladi. /requests odamlar nimani soʻrab topolmaganini koʻrsatadi.

## Settings
settings-title = ⚙️ Sozlamalar
settings-language = Shu chat tili: Oʻzbekcha
language-name = Oʻzbekcha

## Search
results-header = { $total ->
    [one] { $total } ta natija topildi. Soʻrov:
   *[other] { $total } ta natija topildi. Soʻrov:
}
results-header-many = { $total } natija topildi. Soʻrov:
results-corrected = «{ $text }» boʻyicha hech narsa topilmadi. Natijalar quyidagi soʻrov boʻyicha:
results-page = { $page }-sahifa, jami { $pages } ta
spot-whole = Ichida
spot-page = { $number }-sahifa
spot-chapter = { $number }-bob
spot-slide = { $number }-slayd
spot-sheet = { $number }-varaq
spot-entries = Fayllari orasida
nothing-found = 🤷 «{ $text }» boʻyicha hech narsa topilmadi.
nothing-found-hint = Kamroq yoki boshqa soʻzlar bilan urinib koʻring yoki katalogga qarang.
nothing-found-filters = Filtrlar yoqilgan. Ularsiz koʻproq topilishi mumkin.
button-clear-filters = ✖️ Filtrsiz
facet-level = Daraja
facet-kind = Tur
facet-language = Til
facet-any = Istalgan
facet-section = Boʻlim
facet-length = Hajm
facet-ask-section = Qaysi boʻlim?
facet-ask-length = Qancha hajmda?
length-short = 20 betgacha yoki 5 daqiqa
length-medium = 100 betgacha yoki 20 daqiqa
length-long = uzunroq
facet-ask-level = Qaysi daraja?
facet-ask-kind = Qaysi tur?
facet-ask-language = Qaysi til?

## Kinds, languages, measures
kind-book = Kitoblar
kind-audio = Audio
kind-video = Video
kind-image = Rasmlar
kind-archive = Arxivlar
kind-document = Boshqa
language-en = Ingliz tili
language-ru = Rus tili
language-uz = Oʻzbek tili
language-de = Nemis tili
language-fr = Fransuz tili
language-es = Ispan tili
language-ar = Arab tili
language-tr = Turk tili
language-ko = Koreys tili
language-zh = Xitoy tili
language-other = Boshqa til
pages = { $count ->
    [one] { $count } sahifa
   *[other] { $count } sahifa
}
chapters = { $count ->
    [one] { $count } bob
   *[other] { $count } bob
}
slides = { $count ->
    [one] { $count } slayd
   *[other] { $count } slayd
}
sheets = { $count ->
    [one] { $count } varaq
   *[other] { $count } varaq
}
moments = { $count ->
    [one] { $count } parcha
   *[other] { $count } parcha
}
files = { $count ->
    [one] { $count } fayl
   *[other] { $count } fayl
}
bit-rate = { $rate } kbit/s
size-kb = { $size } KB
size-mb = { $size } MB
size-bytes = { $size } B

## Catalogue and lists
catalogue-top = 📚 Katalog
catalogue-empty = Katalog hozircha boʻsh.
catalogue-node-empty = Bu yerda hozircha hech narsa yoʻq.
catalogue-choose = Boʻlimni tanlang:
catalogue-all = 📖 Hammasini koʻrish ({ $count })
shelf-header = { $count ->
    [0] Bu yerda hozircha hech narsa yoʻq.
    [one] { $count } ta material
   *[other] { $count } ta material
}
newest-header = 🆕 Yangi qoʻshilganlar
newest-empty = Kutubxona hozircha boʻsh.

## Delivery
button-share = ↗️ Ulashish
button-fetch = 📥 Faylni olish
file-gone = 😔 Bu faylni hozir yubora olmayapman. Keyinroq urinib koʻring yoki ustozingizdan soʻrang.
preview-gone = Rasmni hozir koʻrsatib boʻlmaydi.
share-text = Qarang, oʻquv kutubxonasidan nima topdim

## Short answers
notice-unknown-command = Bunday buyruqni bilmayman. Nimalar qila olishimni /help koʻrsatadi.
notice-empty-query = Bu yerda qidiradigan narsa yoʻq. Bir-ikki soʻz yozib yuboring.
notice-query-forgotten = Bu soʻrov endi esimda yoʻq. Iltimos, qaytadan yozing.
notice-cannot-read = Bunday xabarlar bilan ishlay olmayman. Qidiriladigan soʻzlarni yozing.
notice-editors-only = Fayllarni faqat muharrirlar qoʻsha oladi. Biror narsa topish uchun uning nomini yozing.
notice-own-hand = Boshqa joydan uzatilgan xabarlar bu yerda qabul qilinmaydi. Iltimos, oʻzingiz yozing.
notice-how-to-upload = 📤 Menga fayl yuboring: kitob, audioyozuv, video yoki mashqlar varagʻi. Siz u nima ekanini aytguningizcha, men uni tekshirib, qidiruvga qoʻshaman.
notice-nothing-to-cancel = Bekor qiladigan narsa yoʻq.
notice-upload-cancelled = 🗑 Bekor qilindi. Fayl saqlanmadi.
notice-draft-saved = 📝 Qoralama saqlandi: { $title }
notice-publish-waiting = ⏳ «{ $title }» tekshiruvdan oʻtishi bilan eʼlon qilinadi. Qachonligi fayl kartasida koʻrinadi.
notice-published = ✅ Eʼlon qilindi: { $title }
notice-duplicate = ♻️ Bu material kutubxonada allaqachon bor: { $title }
notice-too-large = ⚠️ Fayl juda katta: koʻpi bilan { $limit } yuklash mumkin.
notice-queued = { $waiting ->
    [one] 📥 { $name } ham qabul qilindi. Navbatda { $waiting } ta fayl bor.
   *[other] 📥 { $name } ham qabul qilindi. Navbatda { $waiting } ta fayl bor.
}
notice-queue-full = ⚠️ Navbatda fayllar juda koʻp. Avval ulardan bir nechtasini yakunlang, keyin bu faylni qayta yuboring.
notice-material-gone = Bu material endi kutubxonada yoʻq.
notice-upload-over = Bu yuklash yakunlangan. Yangidan boshlash uchun faylni qayta yuboring.
notice-dialog-lost = Kechirasiz, nima qilayotganimizni yoʻqotib qoʻydim. Keling, boshidan boshlaymiz.
notice-apology = 😔 Kechirasiz, oxirgi xabaringiz bilan ishlashda xatolik yuz berdi va u chetga olib qoʻyildi. Maktabga xabar berildi. Yordam xizmati uchun raqam: { $id }
notice-language-set = ✅ Tayyor.
button-open = 📖 Ochish
refused-empty = ⚠️ Fayl boʻsh.
refused-too-large = ⚠️ Fayl juda katta.
refused-encrypted = 🔒 Fayl parol bilan himoyalangan. Parolni olib tashlab, qayta yuboring.
refused-broken = ⚠️ Fayl shikastlangan, uni oxirigacha oʻqib boʻlmaydi. Iltimos, tekshirib, qayta yuboring.
refused-mislabelled = ⚠️ Faylning ichi uning nomiga mos emas. Iltimos, tekshirib, qayta yuboring.
refused-hostile = ⛔ Faylni belgilangan cheklovlar doirasida tekshirib boʻlmadi: u juda koʻp xotira yoki vaqt talab qiladi.
refused-unavailable = ⚠️ Bu fayl endi Telegramda yoʻq. Iltimos, uni qayta yuboring.
refused-no-space = ⚠️ Diskimizda bu fayl uchun joy yoʻq. Iltimos, uni keyinroq qayta yuboring.

## Toasts
toast-not-yours = Bu tugma siz uchun emas.
toast-out-of-date = Bu tugma eskirgan.

## Upload
question-title = ✏️ Materialning nomi nima? Nomini yozing yoki taklif qilinganini tanlang.
question-category = 🗂 Qayerga joylaymiz? Boʻlimni tanlang yoki yangi boʻlim nomini yozing.
question-category-inside = 🗂 «{ $name }» boʻlimi. Ichki boʻlimni tanlang, shu yerga joylang yoki yangi boʻlim nomini yozing.
question-level = 🎚 Qaysi daraja uchun?
question-language = 🌐 Qaysi tilni oʻrgatadi?
question-tags = 🏷 Qanday teglar qoʻshamiz? Vergul bilan ajratib yozing, masalan: grammatika, testlar
question-queued = { $queued ->
    [one] Navbatda yana { $queued } ta fayl bor.
   *[other] Navbatda yana { $queued } ta fayl bor.
}
question-hint = Tushunmadim. Iltimos, tugmalardan foydalaning.
question-hint-text = Bu matn toʻgʻri kelmadi. Iltimos, yana urinib koʻring.
button-take-title = ✅ { $title }
button-put-here = ✅ Shu yerga joylash
button-up = ⬆️ Yuqoriga
button-any-level = Istalgan daraja
button-skip = ⏭ Tegsiz
button-cancel-upload = ✖️ Bekor qilish
review-title = 👀 Iltimos, tekshirib koʻring
review-file = Fayl
review-name = Nomi
review-category = Boʻlim
review-level = Daraja
review-language = Til
review-tags = Teglar
review-none = –
review-pending = ⏳ Fayl hali tekshirilmoqda. Hozirdanoq eʼlon qilishingiz mumkin: tekshiruv tugagach, material paydo boʻladi.
review-ready = ✔️ Fayl tekshirildi.
button-publish = 🚀 Eʼlon qilish
button-draft = 📝 Qoralamaga saqlash
button-use-title = «{ $title }» nomini olish
button-change-title = ✏️ Nomi
button-change-category = 🗂 Boʻlim
button-change-level = 🎚 Daraja
button-change-language = 🌐 Til
button-change-tags = 🏷 Teglar

## Progress card
card-received = ⏳ Navbat kutilmoqda
card-awaiting-room = ⏳ Joy boʻshashi kutilmoqda
card-downloading = ⬇️ Yuklab olinmoqda: { $percent } %
card-downloading-unknown = ⬇️ Yuklab olinmoqda: { $size }
card-checking = 🔬 Tekshirilmoqda va indekslanmoqda
card-checking-for = 🔬 Tekshirilmoqda va indekslanmoqda, { $seconds } soniya oʻtdi
card-retrying = 🔁 Nimadir xalaqit berdi. Yana urinib koʻryapman.
card-ready = ✔️ Tekshirildi va qidiruvga qoʻshildi
card-published = ✅ Eʼlon qilindi
card-failed = ⚠️ Bu faylni qayta ishlab boʻlmadi va u chetga olib qoʻyildi. Maktabga xabar berildi. Iltimos, faylni yana yuboring.
card-cancelled = 🗑 Bekor qilindi. Fayl saqlanmadi.
card-indexed = Ichidan qidirish mumkin: { $parts }
card-indexed-whole = Matnidan qidirish mumkin.
card-indexed-none = Ichida qidirish uchun matn yoʻq.
card-found-title = Fayldagi nomi: { $title }

## Files under way
uploads-title = 📤 Jarayondagi fayllaringiz
uploads-none = Jarayonda faylingiz yoʻq.
uploads-waiting = ⏳ Kutmoqda: navbatda koʻpi bilan { $place }-oʻrin
uploads-downloading = ⬇️ Yuklab olinmoqda
uploads-working = ⚙️ Qayta ishlanmoqda
uploads-more = … va yana { $more } ta fayl
button-withdraw = ✖️ { $name }
button-refresh = 🔄 Yangilash

## Commands in Telegram's menu
command-search = Kutubxonadan qidirish
command-browse = Katalog
command-new = Yangi qoʻshilganlar
command-favorites = Saralanganlar
command-history = Sizga berilganlar
command-settings = Til, daraja, bildirishnomalar
command-help = Nimalar qila olaman
command-cancel = Joriy amalni bekor qilish
command-upload = Kutubxonaga fayl qoʻshish
command-uploads = Jarayondagi fayllaringiz (muharrirlar uchun)

## Masʼullarga xabarlar
alert-head = { $count ->
    [one] 🧯 Chetga olib qoʻyildi: { $count } ta holat
   *[other] 🧯 Chetga olib qoʻyildi: { $count } ta holat
}
alert-update = Xabar { $id }: { $cause }
alert-job = Fon vazifasi { $id }: { $cause }
alert-more = … va yana { $more } ta
alert-advice = Koʻrish va qayta urinish: primelingo updates, primelingo jobs
cause-panic = dastur unda xatoga uchradi
cause-deadline = uning oxiri koʻrinmadi
cause-error = u qayta-qayta bajarilmadi
cause-death = dastur unda toʻxtab qoldi

## Bulk upload and drafts
bulk-head = 📚 { $count ->
    [one] { $count } ta fayl, tavsifi umumiy
   *[other] { $count } ta fayl, tavsifi umumiy
}
bulk-head-waiting = 🚀 { $count ->
    [one] Eʼlon qilinmoqda, { $count } ta fayl qoldi
   *[other] Eʼlon qilinmoqda, { $count } ta fayl qoldi
}
bulk-head-published = ✅ { $count ->
    [one] { $count } ta fayl eʼlon qilindi
   *[other] { $count } ta fayl eʼlon qilindi
}
bulk-head-drafts = 📝 { $count ->
    [one] { $count } ta fayl qoralama sifatida saqlandi. Uni /drafts koʻrsatadi.
   *[other] { $count } ta fayl qoralama sifatida saqlandi. Ularni /drafts koʻrsatadi.
}
bulk-head-cancelled = 🗑 { $count ->
    [one] Bekor qilindi. { $count } ta fayl oʻchirildi.
   *[other] Bekor qilindi. { $count } ta fayl oʻchirildi.
}
bulk-head-over = Fayllarning birortasini ham qabul qilib boʻlmadi.
bulk-count-pending = ⏳ tekshirilmoqda: { $count }
bulk-count-ready = ✔️ tekshirildi: { $count }
bulk-count-waiting = 🚀 eʼlon qilinadi: { $count }
bulk-count-published = ✅ eʼlon qilindi: { $count }
bulk-count-drafts = 📝 qoralamalar: { $count }
bulk-count-duplicates = ♻️ kutubxonada bor: { $count }
bulk-count-refused = ❌ qabul qilinmadi: { $count }
bulk-count-cancelled = 🗑 oʻchirildi: { $count }
bulk-beyond = { $count ->
    [one] ⚠️ Birga tavsiflanadigan fayllar soni cheklangan: yana { $count } ta fayl qabul qilinmadi. Uni keyinroq qayta yuboring.
   *[other] ⚠️ Birga tavsiflanadigan fayllar soni cheklangan: yana { $count } ta fayl qabul qilinmadi. Ularni keyinroq qayta yuboring.
}
bulk-duplicate = Kutubxonada allaqachon bor: { $title }
bulk-ask-rename = ✏️ Qaysi faylning nomi oʻzgaradi?
bulk-ask-title = ✏️ «{ $title }» qanday nomlanadi? Nomini yozing.
bulk-ask-remove = 🗑 Qaysi fayl olib tashlanadi?
bulk-ask-cancel = { $count ->
    [one] 🗑 { $count } ta fayl oʻchirilsinmi?
   *[other] 🗑 Hamma { $count } ta fayl oʻchirilsinmi?
}
button-bulk-rename = ✏️ Nomini oʻzgartirish
button-bulk-remove = 🗑 Olib tashlash
button-bulk-publish = 🚀 Hammasini eʼlon qilish
button-bulk-drafts = 📝 Hammasini qoralamaga
button-bulk-cancel = ✖️ Hammasini bekor qilish
button-bulk-cancel-yes = 🗑 Ha, oʻchirilsin
button-bulk-continue = ▶️ Davom etish
notice-in-batch = 📚 Bu fayl endi boshqalar bilan birga roʻyxatda.
notice-bulk-unfinished = { $count ->
    [one] 📚 { $count } ta fayl tavsif kutmoqda.
   *[other] 📚 { $count } ta fayl tavsif kutmoqda.
}
notice-finish-first = Avval ochiq ishni yakunlang yoki /cancel bilan bekor qiling.
drafts-header = 📝 Qoralamalaringiz
drafts-empty = Qoralamalar yoʻq.
## Yangi nashrlar
button-replace = 🔁 Faylni almashtirish
button-replace-confirm = ✅ Almashtirish
button-replace-quietly = 🤫 Xabarsiz almashtirish
button-replace-cancel = ✖️ Bekor qilish
button-replace-undo = ↩️ Avvalgisini qaytarish
button-replace-get = 📖 Olish
replace-ask = 🔁 “{ $title }” uchun yangi faylni yuboring. Nomi, boʻlimi, teglari va havolalari oʻzgarmaydi. Ikkala faylni solishtirmaguningizcha hech narsa oʻzgarmaydi.
replace-compare = “{ $title }” fayli almashtirilsinmi?
replace-old = Hozirgi
replace-new = Yangi
replace-takers = { $count ->
    [0] Hozircha uni boshqa hech kim olmagan.
   *[other] Uni { $count } kishi olgan; xabarsiz almashtirmasangiz, ularga yangi nashr haqida xabar beriladi.
}
replace-done = ✅ Fayl almashtirildi: { $title }
replace-telling = { $count ->
   *[other] Eski faylni olgan { $count } kishiga xabar beriladi.
}
replace-offer = 🆕 “{ $title }” materialining yangi nashri chiqdi.
replace-told = { $count ->
    [0] 📣 “{ $title }”: yangi nashr haqida xabar beradigan hech kim yoʻq ekan.
   *[other] 📣 “{ $title }”: yangi nashr haqida { $count } kishiga xabar berilmoqda.
}
notice-upload-first = Sizda ochiq yuklash bor. Avval uni tugating yoki bekor qiling (/upload davom ettiradi), keyin faylni almashtiring.
notice-replace-first = Siz material faylini almashtiryapsiz: yangi faylni yuboring yoki avval /cancel bosing.
notice-replace-cancelled = Bekor qilindi. Materialning fayli oʻzgarmadi.
notice-replace-over = Bu almashtirish tugagan. Yangidan boshlash uchun materialni oching.
notice-same-file = 🟰 Bu “{ $title }” materialining hozirgi fayli bilan bir xil. Hech narsa oʻzgarmadi.
notice-replace-overtaken = ⚠️ “{ $title }” faylini shu orada boshqa kishi almashtirdi. Sizning faylingiz hech narsani oʻzgartirmadi.
twin-own-draft = ♻️ Bu mazmun sizning qoralamangizda bor: { $title }
twin-own-upload = ♻️ Bu mazmunni allaqachon yuklayapsiz: { $title }
twin-others-draft = ♻️ Bu mazmun boshqa muharrirning qoralamasida bor.
twin-others-upload = ♻️ Bu mazmunni boshqa muharrir ham yuklayapti. Kim ikkinchi boʻlib chop etsa, xabardor qilinadi.
twin-archived = ♻️ Bu mazmun avval kutubxonada boʻlgan: { $title }

## Xabar tarqatish
help-admin = Administratorlar uchun: /broadcast — xabar tarqatish, /broadcasts — joriy va oldingi tarqatishlar. /stats — statistika. /alerts botda nima notoʻgʻri ekanini koʻrsatadi.
broadcast-head = 📣 Yangi xabar tarqatish
broadcast-line-content = Xabar
broadcast-line-buttons = Tugmalar
broadcast-line-audience = Kimga
broadcast-line-time = Qachon
broadcast-line-repeat = Takrorlash
broadcast-line-quiet = Tinch soatlar
broadcast-line-doubt = Shubha bo‘lsa
broadcast-line-paid = Pulli
broadcast-people = { $count } kishi
broadcast-content-copy = { $count ->
    [1] siz yuborgandek
   *[other] { $count } qismli albom
}
broadcast-content-named = { $mark } bilan { $kind }
broadcast-content-text = matn
broadcast-content-photo = rasm
broadcast-content-video = video
broadcast-content-audio = audio
broadcast-content-document = fayl
broadcast-content-digest = yangi materiallar sharhi
broadcast-content-undo = tarqatilgan xabarni o‘chirish
audience-all = Hamma
audience-language = Til: { $name }
audience-active = Oxirgi { $days } kunda faol
audience-followers = “{ $name }” bo‘limi obunachilari
audience-section = Bo‘lim obunachilari
audience-list = Fayldagi ro‘yxat
audience-digest = Yangiligi bor bo‘limlar obunachilari
audience-failed = Yetib bormaganlar
audience-delivered = Xabarni olganlar
role-learner = O‘quvchilar
role-editor = Muharrirlar
role-admin = Administratorlar
role-owner = Egalar
broadcast-at-once = Darhol
broadcast-once = Bir marta
broadcast-daily = Har kuni
broadcast-weekly = Har hafta
broadcast-doubt-skip = o‘tkazib yuborish va xabar berish
broadcast-doubt-resend = qayta yuborish
broadcast-price = { $stars } yulduzgacha
broadcast-ask-content = Nima yuborilsin? Matn, rasm, video, fayl, albom yoki so‘rovnoma yuboring yoki xabarni uzating. Matndagi { $mark } o‘rnida har kim o‘z ismini ko‘radi.
broadcast-ask-buttons = Xabar ostida tugmalar kerakmi? Har birini yangi qatordan yozing: Nomi - https://example.org yoki Nomi - material 123
broadcast-ask-audience = Kimga yuborilsin?
broadcast-ask-language = Qaysi til?
broadcast-ask-section = Qaysi bo‘lim?
broadcast-ask-inside = “{ $name }” bo‘limi: uning obunachilarimi yoki ichidagi bo‘lim?
broadcast-ask-role = Qaysi rol?
broadcast-ask-time = Qachon? Tanlang yoki vaqtni yozing: 18:30, ertaga 9:00, 25.12 9:00. Vaqt mintaqangiz — { $zone }; o‘zgartirish uchun boshqasini yozing, masalan Europe/Moscow.
broadcast-ask-review = Hammasi to‘g‘rimi? Foydalanuvchilar xabarni pastdagi namunadagidek ko‘radi.
broadcast-ask-price = Pulli tarqatish soniyasiga 30 ta xabardan tezroq. Undan ortiq har bir xabar botdan 0,1 Telegram yulduzi oladi: { $count } ta xabar uchun { $stars } yulduzgacha. Yoqilsinmi?
broadcast-ask-send = { $count } kishiga yuborilsinmi? Javob bir daqiqa amal qiladi.
broadcast-hint-answer = ⚠️ Bu pastdagi savolga javob emas.
broadcast-hint-copy = ⚠️ Telegram bunday xabarni botlarga nusxalashga ruxsat bermaydi. Boshqasini yuboring.
broadcast-hint-long = ⚠️ Juda uzun: { $mark } o‘rniga eng uzun ism qo‘yilsa, { $longest } belgi bo‘ladi, Telegram esa { $limit } tagacha ruxsat beradi.
broadcast-hint-album = ⚠️ Albomda { $mark } o‘zgarmaydi: ism faqat yakka xabarlarga qo‘yiladi.
broadcast-hint-parts = Endi albomda { $count } ta qism bor.
broadcast-hint-pair = ⚠️ { $line }-qator: nom, ikki yoni bo‘sh chiziqcha va manzil kerak.
broadcast-hint-link = ⚠️ { $line }-qator: tugma bunday manzilni ocholmaydi. U https:// bilan boshlanadi.
broadcast-hint-material = ⚠️ { $line }-qator: bunday e’lon qilingan material yo‘q.
broadcast-hint-buttons = ⚠️ Tugmalar juda ko‘p: { $count } tadan oshmasin.
broadcast-hint-nobody = ⚠️ Yuboradigan hech kim yo‘q. Boshqalarni tanlang.
broadcast-hint-time = ⚠️ Bu vaqt ham, vaqt mintaqasi ham emas.
broadcast-hint-past = ⚠️ Bu vaqt o‘tib ketgan.
broadcast-hint-far = ⚠️ Bu vaqtgacha bir yildan ortiq bor.
broadcast-hint-skipped = ⚠️ Soat oldinga suriladi, bu vaqt bo‘lmaydi.
broadcast-hint-zone = ✔️ Endi vaqt mintaqangiz — { $zone }.
broadcast-hint-broken = ⚠️ Matnni yuborib bo‘lmaydi: { $reason }
broadcast-hint-sent = 📨 Sizga yuborildi: pastda ko‘ring.
button-broadcast-keep = ▶️ Qoldirish
button-broadcast-drop = 🗑 Tugmalarsiz
button-broadcast-no-buttons = ▶️ Tugmalarsiz
button-broadcast-cancel = ✖️ Bekor qilish
button-broadcast-pay = ⭐️ Ha, pulli
button-broadcast-free = Bepul
button-broadcast-paid = ⭐️ Tezroq, pulli
button-broadcast-send = 🚀 Yuborish
button-broadcast-send-yes = 🚀 Ha, yuborilsin
button-send-to-me = 📨 Avval menga
button-audience-language = Til bo‘yicha
button-audience-role = Rol bo‘yicha
button-audience-followers = ✅ Uning obunachilari
button-time-hour = Bir soatdan keyin
button-time-tomorrow = Ertaga 9:00
button-quiet-on = 🌙 Tinch soatlarni yoqish
button-quiet-off = ☀️ Tinch soatlarni o‘chirish
button-doubt-skip = Shubhada: o‘tkazib yuborish
button-doubt-resend = Shubhada: qayta yuborish
button-change-content = ✏️ Xabar
button-change-buttons = 🔗 Tugmalar
button-change-audience = 👥 Oluvchilar
button-change-time = 🕘 Vaqt
broadcast-admins-only = Xabarlarni faqat administratorlar tarqata oladi.
broadcast-over = Bu tarqatish allaqachon tasdiqlangan yoki bekor qilingan. /broadcasts hozir nima ketayotganini ko‘rsatadi.
broadcast-given-up = 🗑 Bekor qilindi. Hech narsa yuborilmadi.
broadcast-unfinished = 📣 Tugallanmagan tarqatish bor.
broadcast-gone = Bunday tarqatish endi yo‘q.
broadcast-done-already = Bu allaqachon bajarilgan.
broadcast-too-late = ⚠️ Javob juda kech keldi. Hech narsa qilinmadi; qaytadan so‘rang.
broadcast-nobody-left = Bunga tegishli hech kim qolmadi.
broadcast-too-old = Telegram botlarga xabarlarni faqat 48 soat ichida o‘chirishga ruxsat beradi.
broadcast-letter-gone = Muallif o‘z ma’lumotlarini o‘chirgan: yuboradigan narsa qolmagan.
broadcast-late = ⏰ { $time } ({ $zone }) ga rejalashtirilgan tarqatish o‘z vaqtida boshlanmadi. U hozir boshlanadi.
broadcast-missed = ⏰ { $time } ({ $zone }) ga rejalashtirilgan tarqatish yuborilmadi: vaqtidan bir soatdan ko‘p o‘tgan edi.
broadcast-stopped = ⛔ Tarqatish to‘xtatildi: { $reason }
broadcast-scheduled = 🕘 Tarqatish rejalashtirilgan
broadcast-running = 📣 Xabar tarqatilmoqda
broadcast-paused = ⏸ Tarqatish to‘xtatib turilibdi
broadcast-finished = ✅ Tarqatish tugadi
broadcast-cancelled = ✖️ Tarqatish bekor qilindi
broadcast-halted = ⛔ Tarqatish to‘xtatildi
broadcast-skipped = ⏰ Tarqatish o‘z vaqtida yuborilmadi
broadcast-filling = Hozircha oluvchilar: { $count }
broadcast-count-delivered = ✅ yetkazildi: { $count }
broadcast-count-removed = 🗑 o‘chirildi: { $count }
broadcast-count-blocked = 🚫 yetib bo‘lmaydi: { $count }
broadcast-count-failed = ❌ bo‘lmadi: { $count }
broadcast-count-doubt = ❔ noma’lum: { $count }
broadcast-count-left = ⏳ qoldi: { $count }
broadcast-begins = Boshlanishi: { $time } ({ $zone })
broadcast-begun = Boshlangan: { $time } ({ $zone })
broadcast-rate = soniyasiga { $rate }
broadcast-time-left = Taxminan { $time } qoldi
broadcast-quiet = 🌙 Tinch soatlar: davomi { $time }
broadcast-reason = Sababi: { $reason }
broadcast-took = Davomiyligi { $time }
broadcast-average = O‘rtacha soniyasiga { $rate }
broadcast-causes = Nega hammaga yetib bormadi:
cause-blocked = botni bloklagan
cause-deactivated = akkauntini o‘chirgan
cause-not-found = chat topilmadi
cause-cannot-initiate = botga hech yozmagan
cause-kicked = botni chiqarib yuborgan
cause-no-rights = bot u yerga yoza olmaydi
cause-message-gone = xabar allaqachon yo‘q edi
cause-bad-content = Telegram xabarni qabul qilmadi
cause-retries = bir necha urinish bo‘lmadi
cause-in-doubt = javob yo‘q: yetgan ham, yetmagan ham bo‘lishi mumkin
cause-duplicate = xuddi o‘sha chat ikkinchi marta
button-broadcast-pause = ⏸ To‘xtatib turish
button-broadcast-resume = ▶️ Davom ettirish
button-broadcast-stop = ✖️ Bekor qilish
button-broadcast-stop-yes = ✖️ Ha, bekor qilinsin
button-broadcast-retry = 🔁 Bo‘lmaganlarni takrorlash
button-broadcast-retry-yes = 🔁 Ha, qayta yuborilsin
button-broadcast-undo = ↩️ Hammadan o‘chirish
button-broadcast-undo-yes = ↩️ Ha, o‘chirilsin
broadcast-ask-stop = Tarqatish bekor qilinsinmi? Ro‘yxatdagi { $count } kishi uni olmaydi.
broadcast-ask-retry = Yetib bormagan { $count } kishiga qayta yuborilsinmi?
broadcast-ask-undo = Xabar { $count } kishidan o‘chirilsinmi? Uni qaytarib bo‘lmaydi.
broadcast-answer-within = Javob { $seconds } soniya amal qiladi.
broadcasts-head = 📣 Tarqatishlar
broadcasts-none = Hali tarqatish bo‘lmagan. /broadcast yangisini boshlaydi.
broadcasts-open = Ketayotgan va rejalashtirilgan
broadcasts-past = Oldingi
broadcast-series-ended = 🔁 Turkum tugatildi. Yuborilganlari qoladi.
broadcast-series-made = 🔁 Turkum rejalashtirildi
broadcast-next = keyingisi { $time } ({ $zone })
broadcasts-series = Turkumlar
button-series-end = ✖️ Tugatish 🔁 { $count }
button-series-stop = ✖️ Turkumni tugatish
broadcast-reading-list = 📄 Ro‘yxat o‘qilmoqda…
broadcast-making-table = 📄 Jadval tayyorlanmoqda. U fayl bo‘lib keladi.
broadcast-ask-list = Har qatorida bitta chat id si bo‘lgan .txt yoki .csv fayl yuboring.
button-broadcast-export = 📄 Hamma jadvali
button-take-list = ✅ Shu ro‘yxatga
## Following and the digest
button-follow = 🔔 Kuzatish
button-unfollow = ✅ Kuzatyapsiz
digest-heading = 📰 Siz kuzatayotgan boʻlimlardagi yangiliklar
digest-more = { $count ->
    [one] … va yana { $count } ta
   *[other] … va yana { $count } ta
}
digest-left = Kutubxonada yana { $count } ta material bor.
digest-why = Boʻlim yangiliklarini olmaslik uchun unda “✅ Kuzatyapsiz” tugmasini bosing.
digest-card = 📰 Haftalik dayjest
digest-what = Haftada bir marta boʻlimlarni kuzatayotganlarning hammasi ularga qoʻshilgan yangi materiallar roʻyxatini oladi. Yangilik boʻlmasa, xat kelmaydi.
digest-on = ✅ Har hafta yuboriladi: { $day } { $hour }:00 ({ $zone }).
digest-off = Yuborilmaydi.
button-digest-on = ✅ Yoqish
button-digest-off = ⏹ Oʻchirish
weekday-mon = Du
weekday-tue = Se
weekday-wed = Cho
weekday-thu = Pay
weekday-fri = Ju
weekday-sat = Sha
weekday-sun = Yak
## Files about audiences
list-read = 📋 Fayldan { $count } ta chat oʻqildi.
list-repeated = { $count } ta qator chatni takrorlaydi va tashlab ketildi.
list-odd = ⚠️ { $count } ta qator chat raqamiga oʻxshamaydi va tashlab ketildi, birinchisi: { $line }-qator.
list-failed = ⚠️ Faylni Telegramdan olib boʻlmadi. Uni yana bir marta yuboring.
list-too-large = ⛔ Fayl juda katta: koʻpi bilan 20 MB.
list-too-many-lines = ⛔ Faylda 5 000 000 dan ortiq qator bor.
list-not-text = ⛔ Bu matnli fayl emas. Har qatorida bitta chat raqami boʻlgan TXT yoki CSV fayl yuboring.
list-nobody = ⛔ Bu faylda chat raqami yoʻq. Har qatorida bitta chat raqami boʻlgan TXT yoki CSV fayl yuboring.
list-no-space = ⛔ Hozir serverda bu fayl uchun joy yoʻq.
table-caption = 📄 Tarqatma yakuni: { $count } ta oluvchi
table-too-large = 📄 { $count } ta oluvchi jadvali Telegram qabul qiladiganidan katta. Uni serverdan olish mumkin.
table-failed = ⚠️ Jadvalni tuzib boʻlmadi. Uni yana soʻrang.

## Desk
button-edit = ✏️ Tahrirlash
button-archive = 🗄 Arxivga
button-restore = ♻️ Qaytarish
button-undo-change = ↩️ Oxirgi o‘zgarishni bekor qilish
button-edit-sections = 🛠 Bo‘limlarni tahrirlash
button-desk-cancel = ✖️ Bekor qilish
button-section-new = ➕ Shu yerda yangi bo‘lim
button-section-rename = ✏️ Nomini o‘zgartirish
button-section-move = 📦 Ko‘chirish
button-section-merge = 🔗 Birlashtirish
button-section-delete = 🗑 O‘chirish
button-section-move-here = ✅ Shu yerga qo‘yish
button-section-merge-here = ✅ Shunga birlashtirish
button-section-merge-confirm = 🔗 Birlashtirish
button-section-delete-confirm = 🗑 O‘chirish
desk-editors-only = Buni faqat muharrirlar qila oladi.
desk-owners-only = Buni faqat egalar ko‘ra oladi.
desk-how-to-edit = ✏️ Materialni toping, oching va fayl ostidagi “Tahrirlash” tugmasini bosing. Yoki /edit buyrug‘ini qidiruv so‘zlari yoki material raqami bilan yuboring.
desk-left = Bekor qilindi. Hech narsa o‘zgarmadi.
desk-published = e’lon qilingan
desk-archived = arxivda: o‘quvchilar uni topmaydi
desk-edition = { $count ->
    [0] { $number }-nashr · hali hech kim olmagan
   *[other] { $number }-nashr · { $count } kishi olgan
}
desk-saved = ✅ Saqlandi.
desk-taken-out = 🗄 Arxivga olindi. O‘quvchilar uni endi topmaydi; fayli saqlanadi.
desk-restored = ✅ Qaytarildi. O‘quvchilar uni yana topadi.
desk-undone = ↩️ Oxirgi o‘zgarish bekor qilindi.
desk-overtaken = ⚠️ Bu orada materialni boshqa birov o‘zgartirdi, shuning uchun hech narsa qilinmadi. Hozirgi holati shunday.
desk-nothing-to-undo = Bu yerda bekor qiladigan narsa yo‘q.
desk-section-gone = ⚠️ Bu bo‘lim endi yo‘q. Hech narsa o‘zgarmadi.
desk-double = ⛔ Xuddi shu mazmun bu orada “{ $title }” nomi bilan e’lon qilindi. Bu material arxivda qoladi.
archived-header = 🗄 Arxiv
archived-empty = 🗄 Arxiv bo‘sh.
sections-top = Barcha bo‘limlar
sections-choose = Bo‘limni tanlang yoki shu yerga yangisini qo‘shing.
sections-none = Uning ichida bo‘lim yo‘q.
sections-counts = Shu yerda e’lon qilingan: { $here } · ichidagilar bilan: { $within }
sections-counts-kept = Shu yerda e’lon qilingan: { $here } · ichidagilar bilan: { $within } · arxivda yoki navbatda: { $kept }
sections-created = ✅ “{ $name }” bo‘limi yaratildi.
sections-renamed = ✅ Nomi o‘zgartirildi.
sections-moved = ✅ Ko‘chirildi.
sections-merged = ✅ “{ $name }” bo‘limi birlashtirildi. Uning havola va tugmalari boshqa bo‘limga olib boradi; katta bo‘lsa, materiallari birozdan keyin ko‘chadi.
sections-deleted = ✅ “{ $name }” bo‘limi o‘chirildi.
sections-misfit-gone = ⚠️ Bu bo‘lim endi yo‘q.
sections-misfit-within = ⛔ Bo‘limni o‘zining ichiga qo‘yib bo‘lmaydi.
sections-misfit-deep = ⛔ Juda chuqur bo‘ladi: ko‘pi bilan 8 ta bo‘lim ichma-ich turadi.
sections-misfit-many = ⛔ Joy yo‘q: bitta bo‘lim ichida ko‘pi bilan 60 ta bo‘lim turadi.
sections-misfit-name = ⛔ Bu yerda shunday nomli bo‘lim bor.
sections-misfit-full = ⛔ Bu bo‘lim bo‘sh emas. Avval ichidagilarni ko‘chiring yoki birlashtiring.
sections-name-empty = ⛔ Bu nomda o‘qiladigan narsa yo‘q.
sections-name-overtaken = ⚠️ Bu orada bo‘lim nomini boshqa birov o‘zgartirdi.
sections-ask-new = “{ $name }” ichidagi yangi bo‘lim qanday ataladi?
sections-ask-new-top = Yangi bo‘lim qanday ataladi?
sections-ask-rename = “{ $name }”: yangi nomi qanday bo‘lsin?
sections-pick-move = “{ $name }” qayerga ko‘chiriladi?
sections-pick-merge = “{ $name }” nimaga birlashtiriladi?
sections-merge-ask = “{ $from }” bo‘limi “{ $to }” bilan birlashtirilsinmi?
sections-merge-materials = { $count ->
    [0] Unda material yo‘q.
   *[other] { $count } ta material ko‘chadi.
}
sections-merge-moved = Ichidagi { $moved } ta bo‘lim ko‘chadi.
sections-merge-joined = { $joined } ta bo‘lim o‘z nomdoshi bilan bitta bo‘ladi.
sections-merge-note = “{ $from }” obunachilari, havolalari va eski tugmalari “{ $to }” bo‘limiga olib boradi. Buni bekor qilib bo‘lmaydi.
sections-delete-ask = Bo‘sh “{ $name }” bo‘limi o‘chirilsinmi? Uning havolalari va obunachilari yo‘qoladi.
sections-delete-drafts = { $count } ta qoralama uchun bo‘lim qaytadan so‘raladi.
audit-header = 📜 Kim nima qildi
audit-empty = 📜 Hali hech narsa qilinmagan.
audit-command-line = buyruqlar satri
audit-all = Hammasi
audit-materials = Materiallar
audit-sections = Bo‘limlar
audit-people = Odamlar
audit-broadcasts = Tarqatmalar
audit-reports = Shikoyatlar
audit-publish = 📥 E’lon qilindi
audit-edit = ✏️ Tahrirlandi
audit-archive = 🗄 Arxivga olindi
audit-restore = ♻️ Qaytarildi
audit-undo = ↩️ Bekor qilindi
audit-replace = 🔁 Fayl almashtirildi
audit-create-section = ➕ Bo‘lim yaratildi
audit-rename-section = ✏️ Bo‘lim nomi o‘zgardi
audit-move-section = 📦 Bo‘lim ko‘chirildi
audit-merge-section = 🔗 Bo‘lim birlashtirildi
audit-delete-section = 🗑 Bo‘lim o‘chirildi
audit-set-role = 🔑 Rol berildi
audit-create-broadcast = 📣 Tarqatma tasdiqlandi
audit-control-broadcast = 📣 Tarqatma boshqarildi
audit-set-series = 🔁 Turkum o‘zgardi
audit-settle-report = 🩹 Shikoyat yopildi
help-owner = Egalar uchun: /audit kim nima qilganini ko‘rsatadi.

## Shelf
button-favourites = ⭐ Saralanganlar
button-history = 🕘 Tarix
button-favourite-off = ☆ Saralash
button-favourite-on = ★ Saralangan
button-alike = 🧩 Shunga oʻxshash
button-report = ⚠️ Xabar berish
button-private = ✉️ Menga yozing
favourites-header = ⭐ Saralanganlar
favourites-empty = Hozircha hech narsa saralanmagan. Fayl ostidagi ☆ ni bosing, u shu yerda paydo boʻladi.
history-header = 🕘 Sizga berilganlar
history-empty = Sizga hali hech narsa berilmagan.
alike-header = 🧩 “{ $title }”ga oʻxshash
shelf-header-many = 1000 dan ortiq material
catalogue-all-many = 📖 Hammasi shu yerda (1000+)
settings-study = Oʻrganayotgan tilim: { $language }
settings-level = Darajam: { $level }
settings-any = farqi yoʻq
settings-told = Bildirishnomalar: yoqilgan
settings-muted = Bildirishnomalar: oʻchirilgan. Faqat siz yozganda yoki maktab xat yuborganda yozaman.
settings-quiet = Sokin soatlar: { $hours }
settings-no-quiet = yoʻq
settings-zone = Vaqt mintaqasi: { $zone } (u yerda hozir { $time })
settings-no-zone = Vaqt mintaqasi: tanlanmagan
settings-ask-language = Qaysi tilni oʻrganasiz? Uning materiallari biroz oldinroq chiqadi.
settings-ask-level = Darajangiz qanday? Uning materiallari biroz oldinroq chiqadi.
settings-ask-quiet = Qaysi soatlarda jim turay?
settings-ask-zone = Qayerdasiz? Boshqa joyni yozish mumkin: /settings Europe/Paris
button-study = 🎓 Tilim
button-level = 📶 Darajam
button-mute = 🔕 Bildirishnomasiz
button-unmute = 🔔 Bildirishnomalar
button-quiet = 🌙 Sokin soatlar
button-zone = 🕒 Vaqt mintaqasi
reason-unreadable = Ochilmaydi
reason-wrong-file = Boshqa fayl
reason-bad-quality = Sifati yomon
reason-other = Boshqa sabab
broken-told = ⚠️ Oʻquvchi bu faylda muammo borligini aytmoqda:
broken-header = ⚠️ Oʻquvchilar buzuq degan fayllar
broken-empty = Buzuq fayl haqida xabar yoʻq. 👍
broken-count = { $count ->
    [one] { $count } kishi shunday deydi
   *[other] { $count } kishi shunday deydi
}
broken-settled = 🛠 Xabaringiz uchun rahmat: “{ $title }” koʻrib chiqildi.
button-settle = ✅ Hal qilindi
button-reports = ⚠️ Barcha xabarlar
notice-private-only = Bu faqat ikkimizning oramizda. Menga shaxsiy chatda yozing.
notice-kept = ★ Saralandi. Hammasi /favorites da.
notice-nothing-alike = Hozircha bunga oʻxshashini bilmayman.
notice-report-thanks = 🙏 Rahmat. Muharrir koʻrib chiqadi.
notice-report-too-many = Bir kun uchun yetarli. Qolganini ertaga xabar qiling.
notice-no-such-zone = Bunday vaqt mintaqasini bilmayman. Mana bunday yozing: /settings Asia/Tashkent
notice-settled = { $count ->
    [0] ✅ Hal qilindi: { $title }
    [one] ✅ Hal qilindi: { $title }. { $count } kishiga aytdim.
   *[other] ✅ Hal qilindi: { $title }. { $count } kishiga aytdim.
}
notice-settled-left = { $count ->
    [one] Yana { $count } kishi shunday deydi: qayta oching.
   *[other] Yana { $count } kishi shunday deydi: qayta oching.
}
notice-nothing-broken = Bu allaqachon hal qilingan.

## Notices
button-ask-for-it = 🙋 Soʻrash
button-own-requests = 🙋 Soʻrovlarim
button-decline = 🚫 Rad etish
button-unfollow-section = 🔕 Kuzatmaslik
command-requests = Siz nimalarni soʻragansiz
command-privacy = Siz haqingizda nima saqlanadi
request-people = { $count ->
    [one] { $count } kishi soʻrayapti
   *[other] { $count } kishi soʻrayapti
}
request-noted = 🙋 Yozib oldim: «{ $words }». Javob boʻlishi bilan sizga yozaman.
request-already = Siz «{ $words }»ni allaqachon soʻragansiz. Javob boʻlishi bilan sizga yozaman.
request-too-many = Sizda 20 ta ochiq soʻrov bor. Yana soʻrashdan oldin bittasini qaytarib oling.
request-gone = Bu soʻrov allaqachon yopilgan.
request-declined = 🙋 Siz «{ $words }»ni soʻragan edingiz. Afsuski, u kutubxonada boʻlmaydi.
request-is-answered = ✅ kutubxonada bor
request-is-declined = 🚫 rad etilgan
requests-own = 🙋 Siz nimalarni soʻragansiz
requests-own-none = Hozircha hech narsa. Qidiruv hech narsa topmasa, oʻsha yerda soʻrash mumkin.
requests-wanted = 🙋 Odamlar nimalarni soʻrayapti
requests-none = 🙋 Hech kim hech narsa soʻramayapti.
request-which-fits = Bulardan biri javob boʻladimi?
request-nothing-fits = Kutubxonada bunday soʻzlar bilan hali hech narsa yoʻq. Chop etilganda soʻraganlar xabar oladi.
request-settled-answered = { $count ->
    [one] ✅ «{ $words }» soʻroviga javob topildi. { $count } kishi xabar oladi.
   *[other] ✅ «{ $words }» soʻroviga javob topildi. { $count } kishi xabar oladi.
}
request-settled-declined = { $count ->
    [one] 🚫 «{ $words }» soʻrovi rad etildi. { $count } kishi xabar oladi.
   *[other] 🚫 «{ $words }» soʻrovi rad etildi. { $count } kishi xabar oladi.
}
catalogue-followed = 🔔 Bu boʻlimdagi yangiliklar haqida darhol xabar olasiz.
news-followed = 🔔 Siz kuzatayotgan boʻlimda yangilik
news-asked = 🙋 Siz soʻragan edingiz, mana u
## Privacy
privacy-head = 🔐 Siz haqingizda nima saqlanadi
privacy-profile = Telegram raqamingiz, ismingiz, til, rol va sozlamalar: siz bilan gaplashish uchun.
privacy-dialog = Siz turgan suhbat: toʻxtagan joydan davom etish uchun.
privacy-messages = Botga yuborganlaringiz: hech narsa yoʻqolmasligi uchun. Avval matni unutiladi; javob berib bo‘lmagani eng uzoq saqlanadi.
privacy-answers = Bot sizga yuborganlari: bir marta yuborish uchun.
privacy-searches = Qidiruvlaringiz soʻzlari: tugmalar ishlashi uchun.
privacy-reading = Olgan va belgilagan narsalaringiz: roʻyxatlaringiz uchun va yangi nashrlardan xabar berish uchun.
privacy-follows = Siz kuzatayotgan boʻlimlar: yangiliklardan xabar berish uchun.
privacy-requests = Nimalarni soʻraganingiz: paydo boʻlganda xabar berish uchun.
privacy-letters = Maktabning qaysi xabarlarini olganingiz: har birini bir marta yuborish uchun.
privacy-work = Muharrir yoki administrator sifatida qilgan ishlaringiz: kimning ishi ekani maʼlum boʻlishi uchun.
privacy-jobs = Siz uchun fon ishlari: bir marta bajarish uchun.
privacy-until-erased = Siz oʻchirguningizcha.
privacy-rules = /mydata bularning nusxasini yuboradi, /deletemydata hammasini oʻchiradi. Maktab bazasining zaxira nusxalari navbat bilan yangilanadi.
privacy-exporting = 📄 Maʼlumotlaringizni yigʻyapman. Ular fayl boʻlib keladi.
privacy-copy = 📄 Siz haqingizda nima saqlanadi
privacy-too-often = 📄 Siz oxirgi bir soat ichida nusxa olgansiz. Iltimos, keyinroq soʻrang.
privacy-no-copy = ⚠️ Nusxa tayyorlab boʻlmadi. Iltimos, bir soatdan keyin soʻrang.
privacy-ask = 🗑 Siz haqingizdagi hamma narsa oʻchirilsinmi?
privacy-ask-what = Profil, sozlamalar, roʻyxatlar, soʻrovlar, qidiruvlar va bu yerda yozilgan hamma narsa bot bazasidan oʻchiriladi. Buni qaytarib boʻlmaydi. Suhbatning oʻzi sizniki: uni Telegramda oʻchiring.
privacy-ask-editor = Siz chop etgan materiallar kutubxonada ismingizsiz qoladi. Qoralamalar va ochiq yuklashlar tashlab yuboriladi. Rolingiz ham yoʻqoladi.
privacy-ask-owner = Siz konfiguratsiya boʻyicha egasiz: Telegram raqamingiz konfiguratsiya faylida qoladi va bu yerga yozishingiz bilan yana ega boʻlasiz.
privacy-ask-last-admin = ⚠️ Siz oxirgi administratorsiz. Bundan keyin serverda rol berilmaguncha botni hech kim boshqarmaydi.
privacy-ask-within = Javob 60 soniya amal qiladi.
privacy-under-way = 📣 Sizning xabarnomangiz rejalashtirilgan yoki yuborilyapti. Uni bekor qiling yoki tugashini kuting, soʻng yana soʻrang: /broadcasts
privacy-too-late = Javob kech keldi, hech narsa oʻchirilmadi. /deletemydata yana soʻraydi.
privacy-erasing = 🗑 Siz haqingizdagi hamma narsa oʻchirilyapti…
privacy-kept = Hech narsa oʻchirilmadi.
privacy-erased = ✅ Siz haqingizdagi hamma narsa oʻchirildi, shu xabarning izi ham. Yana yozsangiz, boshidan boshlaymiz.
button-my-data = 📄 Menga nusxa yuboring
button-delete-my-data = 🗑 Hammasini oʻchirish
button-erase = 🗑 Ha, hammasini oʻchirish
button-keep = ⬅️ Yoʻq, qolsin

## Statistics
stats-title-7 = 7 kunlik statistika
stats-title-30 = 30 kunlik statistika
stats-title-90 = 90 kunlik statistika
stats-as-of = { $time } UTC holatiga ko‘ra
stats-none = Hozircha ma’lumot yo‘q.
stats-counting = ⏳ Qayta hisoblanmoqda. Birozdan so‘ng «Yangilash» tugmasini bosing.
stats-users = { $users } foydalanuvchi
stats-joined = yangi: { $count }
stats-active = Faol: bugun { $day } · 7 kunda { $week } · 30 kunda { $month }
stats-reachable = Yozish mumkin: { $count } ({ $percent }%)
stats-retention = Qaytganlar, kelgan haftasi bo‘yicha
stats-cohort-size = yangi
stats-library = Kutubxona
stats-materials = { $count } material
stats-published = yangi: { $count }
stats-deliveries = Olingan: bugun { $day } · 7 kunda { $week } · { $days } kunda { $all }
stats-deliveries-week = Olingan: bugun { $day } · 7 kunda { $week }
stats-top-materials = Eng ko‘p olinganlar:
stats-searches-head = Qidiruvlar
stats-searches = bugun { $day } · 7 kunda { $week } · { $days } kunda { $all }
stats-searches-week = bugun { $day } · 7 kunda { $week }
stats-empty-share = Hech narsa topilmadi: { $percent }%
stats-top-searches = Eng ko‘p qidirilganlar:
stats-top-empty = Qidirilgan, lekin topilmagan:
stats-three = Faqat kamida uch kishi qidirgan so‘zlar.
stats-admins-only = Statistikani faqat administratorlar ko‘radi.
stats-failed = ⚠️ Faylni tayyorlab bo‘lmadi. Uni yana so‘rang.
button-stats-7 = 7 kun
button-stats-30 = 30 kun
button-stats-90 = 90 kun
button-stats-chart = 📈 Grafik
button-stats-table = 📄 CSV
chart-users = Foydalanuvchilar
chart-active = Faol
chart-active-day = bir kunda
chart-active-week = 7 kunda
chart-active-month = 30 kunda
chart-deliveries = Olingan materiallar
chart-searches = Qidiruvlar
chart-searches-all = jami
chart-searches-empty = topilmadi

## Ogohlantirishlar
audit-alerts = Ogohlantirishlar
audit-ack-alert = ✋ Ogohlantirish olindi
audit-silence-alert = 🔇 Ogohlantirish oʻchirildi
audit-end-silence = 🔊 Jimlik tugatildi
alert-admins-only = Ogohlantirishlarni faqat administratorlar koʻradi.
alert-storm = { $count } ta ogohlantirish, { $open } tasi ochiq
alert-open = { $count } ta ogohlantirish
alert-none = Hammasi joyida
alert-since = { $time } dan beri
alert-again = ketma-ket { $count }-marta
alert-acked = { $name } shugʻullanyapti
alert-somebody = kimdir
alert-silent-until = { $time } gacha jim
alert-silenced = Oʻchirilgan
alert-silence = { $title }: { $time } gacha ({ $name })
alert-still = Hamon shunday, { $lasted } boʻldi, va hech kim shugʻullanmayapti.
alert-seconds = { $count } s
alert-minutes = { $count } daq
alert-hours = { $hours } soat { $minutes } daq
button-ack = ✋ Men shugʻullanaman
button-silence-1 = 🔇 1 soat
button-silence-8 = 🔇 8 soat
button-end-silence = 🔊 { $name }
alert-rule-database-down = Maʼlumotlar bazasi javob bermayapti
alert-rule-database-down-advice = U qaytmaguncha bot hech narsani qabul qilmaydi va javob bermaydi.
alert-rule-redis-down = Redis javob bermayapti
alert-rule-redis-down-advice = Bot oʻz xotirasida ishlayapti, hech narsa yoʻqolmaydi.
alert-rule-telegram-refusing = Telegram soʻrovlarni rad etyapti
alert-rule-telegram-refusing-advice = Javoblar kechikishi mumkin. Tarmoq va Telegram holatini tekshiring.
alert-rule-token-rejected = Telegram bot tokenini qabul qilmayapti
alert-rule-token-rejected-advice = U bekor qilinganmi? Yangisini oʻrnating va botni qayta ishga tushiring.
alert-rule-poll-stalled = Bot eshitmayapti: yangilanishlar kelmayapti
alert-rule-poll-stalled-advice = U oʻzi urinib koʻradi. Oʻtmasa, botni qayta ishga tushiring va tarmoqni tekshiring.
alert-rule-poll-conflict = Shu token bilan yana kimdir ishlayapti
alert-rule-poll-conflict-advice = Boshqa botni toʻxtating yoki unga alohida token bering.
alert-rule-updates-late = Xabarlar juda uzoq kutyapti
alert-rule-updates-late-advice = Odamlar yozyapti, lekin javob olmayapti. Bazani va yuklamani tekshiring.
alert-rule-queue-stuck = Fon vazifalari toʻxtab qoldi
alert-rule-queue-stuck-advice = Eng eskisi bir necha daqiqadan beri kutyapti. Ishchilarni tekshiring: primelingo jobs list
alert-rule-dead-jobs = Koʻp vazifalardan voz kechildi
alert-rule-dead-jobs-advice = Koʻrish va qayta urinish: primelingo jobs
alert-rule-no-workers = Vazifalar kutyapti, lekin ishchi yoʻq
alert-rule-no-workers-advice = Ishchini ishga tushiring: primelingo worker
alert-rule-broadcast-stalled = Tarqatish toʻxtab qoldi
alert-rule-broadcast-stalled-advice = U pauzada ham, tugagan ham emas. /broadcasts va Telegram javoblarini koʻring.
alert-rule-actor-restarting = Botning bir qismi qayta-qayta ishga tushyapti
alert-rule-actor-restarting-advice = Sababi jurnalda yozilgan.
alert-rule-actor-down = Botning bir qismi ishlamayapti
alert-rule-actor-down-advice = Botni qayta ishga tushiring; nima toʻxtatgani jurnalda.
alert-rule-mailbox-full = Botning bir qismi ulgurmayapti
alert-rule-mailbox-full-advice = Uning navbati deyarli toʻla. Yuklama va bazani tekshiring.
alert-rule-loop-lag = Voqealar sikli kechikyapti
alert-rule-loop-lag-advice = Nimadir juda uzoq hisoblayapti. Javoblar kechikadi.
alert-rule-panics = Dasturda nosozlik yuz berdi
alert-rule-panics-advice = U oʻzi davom etdi. Qayerda ekani jurnalda; ishlab chiquvchilarga xabar bering.
alert-rule-disk-nearly-full = Disk deyarli toʻldi
alert-rule-disk-nearly-full-advice = Yangi fayllar kutadi yoki rad etiladi. Joy boʻshating.
alert-rule-backup-stale = Oxirgi zaxira nusxa eskirgan
alert-rule-backup-stale-advice = Tiklab tekshirilgan yangirogʻi yoʻq. Oxirgi make_backup vazifasini koʻring yoki nusxa oling: primelingo backup create.
alert-rule-webhook-forged = Kimdir webhook chaqiruvlarini soxtalashtiryapti
alert-rule-webhook-forged-advice = Ular rad etilmoqda. Kimligini aniqlang, shubha boʻlsa maxfiy kalitni almashtiring.
alert-rule-auth-failures = Kimdir parol tanlayapti
alert-rule-auth-failures-advice = Kirish urinishlari qayta-qayta muvaffaqiyatsiz. Kimligini aniqlang va manzilni tashqaridan yoping.
alert-rule-watchdog-silent = Prometheus yoki Alertmanager jim
alert-rule-watchdog-silent-advice = Hayot belgisi oʻn daqiqadan beri kelmayapti: u yerdagi ogohlantirishlar yetib kelmasligi mumkin.
# Panel
audit-jobs = Vazifalar
audit-program = Dastur
audit-control-job = ⚙️ Vazifalar
audit-control-queue = ⏯ Navbat
audit-control-program = 🖥 Dastur
help-dashboard = Jamoa uchun: /dashboard bot qanday ishlayotganini ko‘rsatadigan sahifaga havola beradi.
dashboard-link = 🖥 Panelga havolangiz. U bir marta, 10 daqiqa davomida va faqat sizda ishlaydi:
dashboard-off = Panel o‘chirilgan. Uni botni ishga tushirgan kishi yoqadi: web.listen.
dashboard-staff-only = Panel maktab jamoasi uchun.

owner-now = ✅ Endi siz bu botning egasisiz. /help nima qila olishingizni ko‘rsatadi; boshqalarga rol “primelingo users role” bilan beriladi.
owner-already = Siz allaqachon egasiz.
owner-code-unknown = Bu havola ishlatilgan yoki eskirgan. Yangisini botni ishga tushirgan kishi “primelingo users owner-code” bilan yaratadi.

# Privacy, more
audit-erased = ma’lumotlari o‘chirilgan kishi
privacy-days = Koʻpi bilan { $days } kun.
privacy-days-between = { $from } kundan { $days } kungacha.

## Odamlar
shut-out = 🚫 Maktab bu botni siz uchun yopdi. Bu xato deb oʻylasangiz, maktabga yozing. /privacy, /mydata va /deletemydata avvalgidek ishlaydi.
toast-shut-out = Maktab bu botni siz uchun yopdi.
people-admins-only = Odamlarni faqat adminlar qidiradi. Sizga kerak boʻlsa, egasidan soʻrang.
roles-owners-only = Rollarni faqat egalar beradi.
people-ask = 👥 Kimni qidiryapsiz? Raqam, @nom yoki ism yuboring. /cancel – bekor qilish.
people-nobody = Bunday odamni bilmayman. Raqam boʻyicha menga hali yozmaganlarni ham topsa boʻladi.
people-found = 👥 Topildi
people-staff = 🔑 Roli bor odamlar
people-more = Yana bor: ismning uzunroq qismini yuboring.
people-unknown = (nomaʼlum)
people-number = Raqam
people-role = Rol
people-by-configuration = (sozlamalardan)
people-seen = Oxirgi marta
people-never = hech qachon
people-is-banned = 🚫 Bloklangan
people-banned = 🚫 Bloklandi. Endi bot bu odam uchun yopiq.
people-unbanned = ✅ Blokdan chiqarildi. Bot bu odam uchun yana ochiq, rolsiz.
people-role-given = ✅ Rol oʻzgartirildi.
people-not-yourself = Hech kim oʻzi haqida qaror qilmaydi. Buni boshqa ega qila oladi.
people-not-an-owner = Egani bloklab boʻlmaydi. Avval rolini oling: /admins
people-not-your-rank = Bu odam uchun rolingiz yetarli emas. Egasidan soʻrang.
people-configured = Bu ega sozlamalarda koʻrsatilgan (access.owners). Oʻsha yerda oʻzgartiring.
people-unban-first = Bu odam bloklangan. Avval blokdan chiqaring.
people-so-already = Hozir ham shunday.
people-too-late = Juda koʻp vaqt oʻtdi, hech narsa qilinmadi. Tugmani yana bosing.
people-ask-ban = 🚫 Bloklansinmi: { $who }? Bot unga boshqa javob bermaydi va yozmaydi; roli yoʻqoladi. Bu unga bir marta aytiladi.
people-ask-unban = Blokdan chiqarilsinmi: { $who }? Bot unga oʻquvchi sifatida yana ochiladi.
people-ask-role = 🔑 { $who }: rol “{ $role }” boʻlsinmi?
people-ask-within = Javob 60 soniya ichida hisobga olinadi.
rank-learner = oʻquvchi
rank-editor = muharrir
rank-admin = admin
rank-owner = ega
button-ban = 🚫 Bloklash
button-unban = ✅ Blokdan chiqarish
button-make-learner = 👤 Rolni olish
button-make-editor = ✏️ Muharrir qilish
button-make-admin = 📣 Admin qilish
button-make-owner = 🔑 Ega qilish
button-find-person = 👥 Boshqasini topish
button-yes-do-it = ✅ Ha, bajarilsin
button-no-leave-it = ⬅️ Yoʻq, qolsin
audit-ban = 🚫 Bloklandi
audit-unban = ✅ Blokdan chiqarildi
help-people = /users odamlarni topadi; oʻsha yerda bloklash va blokdan chiqarish mumkin.
help-staff = /admins kimda qanday rol borligini koʻrsatadi va oʻzgartiradi.

## Bajarilmagan ishlar
jobs-admins-only = Bajarilmagan ishlarni faqat adminlar koʻradi. Sizga kerak boʻlsa, egasidan soʻrang.
jobs-head = ⚙️ Bajarilmagan ishlar
jobs-none = ✅ Bajarilmagan ish yoʻq.
jobs-count = { $count } ta ish
jobs-more = Yana { $count } ta guruh bor; bu yerda eng kattalari.
jobs-again = 🔁 Yana urinib koʻriladi: { $count } ta ish.
jobs-dropped = 🗑 Olib tashlandi: { $count } ta ish.
jobs-gone = Bunday guruh endi yoʻq: u bilan kimdir shugʻullandi.
jobs-ask-drop = 🗑 { $count } ta ish butunlay olib tashlansinmi? Ular qiladigan narsa bajarilmaydi.
button-jobs-retry = 🔁 Yana urinish
button-jobs-drop = 🗑 Olib tashlash
button-jobs-show = 🔄 Yana koʻrsatish
help-jobs = /jobs bajarilmagan ishlarni koʻrsatadi: ularni qaytarish yoki olib tashlash mumkin.

# Limits
notice-too-much = ⏳ Bir vaqtda juda koʻp narsa keldi. Bir qismini qoldirib ketdim; bir necha soniya kuting va yana soʻrang.
