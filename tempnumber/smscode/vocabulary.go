package smscode

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// class is what a word says of the number beside it.
type class uint8

const (
	unknownWord class = iota
	announces         // names a code: "code", "PIN"
	namesNumber       // names a number of any kind: "number"
	namesOther        // names a number that is no code: "account", "call"
	ends              // says that digits are the end of a number: "ending in"
	asks              // what one does with a code: "enter", "use"
	cue               // speaks of signing in or confirming: "verification"
	joins             // may stand between a word and its number: "is", "your"
	copula            // equates a word and its number: "is"
	voids             // makes a code another thing: "zip", "QR"
	former            // makes a code one that no longer counts: "old", "expired"
	promotion         // makes a code one that buys: "discount"
	places            // a time, a place or a receiver follows: "at"
	breaks            // says that the sentence tells what became of a code: "sent"
	unit              // "minutes", "km"
	currency          // "EUR", "roubles"
)

// The words of each class. An underscore stands for a space. A star at the end
// stands for any ending, at the front for any beginning. Upper and lower case and
// accents make no difference. Words of scripts without spaces need no star.
const (
	announcingWords = `nip token* zaporka zaporku jelsza* nhap_ma ma_sau ma_nay code codes *code passcode* otp* pin tan mtan tac password* passwort* kennwort* *passwort pass_code one_time_password
		codigo* clave* contrasena* senha* contrasenya* palavra-passe palavra_passe codice codici password codi codea kodea cod codul codului parola parolei
		mot_de_passe wachtwoord* *wachtwoord toegangscode inlogcode pincode
		kod kode koden koda kody kodu kodun kodunuz kodunuzu kodum kodi kodin kodini kodingiz kodingizni kodas kodo kodą kods kodam kodom kodem kodes kodul kodeks koduy koduňyz
		*kod *kode *koden *kodes *koodi *koodisi *kood *koodin *kodi *kodinn *kodas *kods koodi* kood *koda kodearen engangspassord* engangskod* *passord passord* losen losenord* *losenord adgangskode* kodeord*
		salasana* *salasana tunnusluku* heslo hesla hasło hasla hasel kodzie lozinka lozinku sifra šifra sifru geslo gesla jelszo* kodja kodjat *kodja parole paroles slaptazod* parool* salasona fjalekalim*
		sifre sifreniz sifrenizi sifreyi sifresi parol parolunuz paroli parolingiz koddur kodu_dur chod dilysu msimbo* ikhodi* khodi koodhka koodka kodwo kodici* kodica* kodichi codigo_de
		sandi kata_sandi kata_laluan kodnya kodenya
		ma_xac_nhan ma_xac_thuc ma_otp ma_pin ma_bao_mat ma_dang_nhap ma_cua_ban ma_kich_hoat ma_so_bi_mat ma_xac_minh ma_la mat_khau mat_ma
		код кода коду кодом коде коды кодът кодот кодыңыз кодуңуз коди кодінгіз кодын пароль* парола паролата пароля пін пин пінкод пинкод пин-код лозинк* лозинка шифра құпия* сырсөз нууц_үг рамз рамзи
		κωδικ* κωδ συνθηματικο
		رمز* الرمز* كود* كلمه_المرور كلمه_مرور كلمه_السر كلمه_سر رقم_سري الرقم_السري رقم_التحقق رقم_التاكيد كد كدت گذرواژه رمزعبور كوڈ كوډ پاس_ورڈ او_ٹي_پي كود پن كۆد* كۆدي
		קוד* סיסמ* סיסמא
		कोड* ओटीपी* पासवर्ड* पिन संकेतांक* कूट सङ्केत* कोड़ কোড* ওটিপি* পাসওয়ার্ড* পিন ਕੋਡ* ਓਟੀਪੀ* ਪਾਸਵਰਡ* કોડ* ઓટીપી* પાસવર્ડ* குறியீ* கடவுச்சொல்* கடவுக்குறி* ஓடிபி* ஒடிபி* கோட்*
		కోడ* ఓటీపీ* ఓటిపి* పాస్వర్డ్* సంకేత* ಕೋಡ* ಒಟಿಪಿ* ಓಟಿಪಿ* ಪಾಸ್ವರ್ಡ್* കോഡ* ഒടിപി* ഒ.ടി.പി* പാസ്വേഡ്* കേത* කේත* මුරපද* ඔටීපී*
		კოდ* პაროლ* კոդ* կոդ* ծածկագիր* գաղտնաբառ* ኮድ* የይለፍ_ቃል* କୋଡ* ক'ড ڪوڊ* waehere koade kodan kota kotan kaody khoutu ikhowudi khowudi koodhka koodu`
	announcingUnspaced = `验证码 校验码 动态码 动态密码 动态口令 密码 口令 验证代码 安全码 登录码 激活码 确认码 随机码 短信码 识别码 代码 驗證碼 校驗碼 認證碼 密碼 驗證代碼 動態密碼 動態碼 安全碼 登入碼 確認碼 認證代碼 代碼 識別碼
		認証コード 認証番号 確認コード 確認番号 コード パスワード 暗証番号 暗証 ワンタイムパスワード パスコード 認証キー セキュリティコード ピンコード
		인증번호 인증코드 인증 코드 비밀번호 확인번호 확인코드 보안코드 보안번호 승인번호_확인 패스워드 암호 핀번호
		รหัส รหัสยืนยัน รหัสผ่าน โอทีพี โค้ด ລະຫັດ ລະຫັດຜ່ານ លេខកូដ កូដ ពាក្យសម្ងាត់ ကုဒ် ကုတ် စကားဝှက်`
	numberWords = `number numbers no nr num numero numeros nummer numer numeru numerem numar numarul cislo cislem broj stevilka szam szama numara numaran* numarali raqam* raqami nambari lambar inombolo number* nomor nombor bilang
		номер* нөмір* дугаар αριθμ* رقم الرقم شماره نمبر מספר नंबर* नम्बर* क्रमांक* নম্বর* নাম্বার* ਨੰਬਰ* નંબર* எண்* నంబర్* ಸಂಖ್ಯೆ* നമ്പർ* ნომერ* համար* ቁጥር* *nummer *nr *nummern
		antal номери numri zenbakia uimhir rhif numru`
	numberUnspaced = `号码 號碼 番号 번호 หมายเลข เลขที่ ເລກ លេខ နံပါတ်`
	otherWords     = `account acct acc a_c iban konto* *konto *kontonummer kontonr cuenta cuentas conta compte compta счет* рахун* сметка* hesap* hesab* llogari* akaun* rekening* konti saskait* tili* tilin tiliä szamla* contul cont_bancar račun* racun* ucet* účtu uctu účet חשבון* حساب* الحساب* λογαριασμ* खात* অ্যাকাউন্ট* ಖಾತೆ* ఖాతా* கணக்* akkaunt*
		card cards karte karten *karte tarjeta* cartao cartoes carte cartes carta kart karta karty kartu karticu kartica* kartya* korttisi kortti* kortet kort *kort targeta* bankpas kartinizdan kartiniz* kartla карта* карты карте карту картой картк* картичк* картата* κάρτα* καρτα* بطاق* כרטיס* कार्ड* কার্ড* கார்டு* కార్డు* kaart* kartele* kortele* cardul* the_thẻ card_no
		order orders invoice* bill ref refno reference* ticket* booking* reservation* customer* client* member* txn transaction* txnid shipment* parcel* package* tracking* track awb policy contract* receipt* meter subscription* terminal
		flight* train gate room seat store branch desk counter queue locker bus platform apartment apt floor vehicle plate
		pedido* bestellung* *bestellung bestell* auftrag* buchung* rechnung* kundennummer* sendung* paket* lieferung* filiale vorgang* commande* colis facture* dossier reserva* factura* envio* encomenda* fatura* ordine* prenotazione* fattura* pacco spedizione* sportello bestelling* zending* pakket* factuur* order*
		forsendelse* beställning* bestallning* ordre* pakke* tilaus* zamowieni* przesylk* paczk* faktur* objednavk* zasilk* balik* rendeles* csomag* comanda* colet* поръчка* пратка* заказ* посылк* замовлен* посилк* narudzb* posiljk* narocil* uzsakym* pasutijum* tellimus* siparis* kargo* pesanan* resi paket pesan don_hang ma_van_don παραγγελ* δεμα* сапраўд buyurtma* тапсырыс*
		طلب طلبك طلبي طلبيه شحن* سفارش* مرسوله* הזמנה הזמנת הזמנתך הזמנות הזמנתכם משלוח* ऑर्डर* পার্সেল* অর্ডার* ஆர்டர்* ఆర్డర్* آرڈر*
		tel telefon* phone* mobile* call* ring dial telefono* telephone* telefone* телефон* тел звон* звоните llame* llama ligue* chiama* appelez bel rufen anruf* zadzwon* volejte volajte soita hivja apelati sunați hubungi hotline infolinia hotlajn kundeservice callcenter helpline toll_free whatsapp_number اتصل* هاتف* تماس* טלפון* התקשר* חייגו फोन* कॉल* আপনার_ফোন ফোন* gọi goi dien_thoai telepon τηλ* καλεστε позвон* дзвоніть fax
		id userid user_id username* user benutzername* nutzername* utilisateur usuario* utente uzytkownik* логин* login_id kunden_id meeting_id customer_id imei serial vin vat tax ean isbn
		stop_to help_to balance solde saldo guthaben баланс* bakiye available disponible disponivel
		رصيد* موجودي היתרה יתרה बैलेंस शेष মূল্য ব্যালেন্স so_du so_tien stan saldot saldon zustatek stav zostatok egyenleg* sold bakiyeniz stanje υπολοιπο baki bal balance* score rating bill fee amount total sum betrag montant importe valor importo kwota сумма* suma tutar jumlah uw_pas kad_anda kad_kredit`
	otherUnspaced = `账户 帐户 账号 帳號 帳戶 賬戶 口座 계좌 卡号 卡號 信用卡 カード 카드 订单 訂單 订单号 注文 注文番号 ご注文番号 주문 주문번호 单号 運單 运单 快递 包裹 包裹號 电话 電話 客服 拨打 撥打 致电 致電 热线 熱線 お問い合わせ 전화 고객센터 문의 会员号 会员卡 账单 帳單 余额 餘額 残高 잔액 金额 金額 บัญชี บัตร คำสั่งซื้อ โทร พัสดุ ออเดอร์ ยอดเงิน ບັນຊີ គណនី 会員番号 会员 編號 编号 流水号 身份证`
	endWords      = `ending ends ending_in ends_in ending_with ends_with last_digits last_4_digits last_four_digits last_four_digits_are endziffer* endnummer* endend* endet endung letzte_ziffern letzten_ziffern mit_endziffer
		terminada* terminado* terminad* termina finaliza* finalizada ultimos_digitos ultimas_cifras terminant* se_terminant finissant* finit final finale terminante* termina_con ultime_cifre acabada* acabat* ultims_digits amaitu*
		eindigend* eindigt laatste_cijfers slutar* slutter slutar_pa ender endende paattyy paattyv* loppu* konczac* koncowk* koncz* koncic* konciac* koncici* konci vegu vegzod* vegzodik terminat terminata se_termina завършва* завършващ* завършваща оканчива* заканчива* закінчу* заканчв* zavrsava* zavrsetk* koncnic* koncnica konca koncaj* beigs* baigia* besibaig* lopp* loppev* mbaron* perfundon* biten sonu son_dort bit* tugagan* tamamlan* аяқтал* berakhir* akhiran diakhiri so_cuoi ket_thuc duoi
		ληγει_σε ληγει_με ληγουσα που_ληγει τελευταια_ψηφια المنتهيه تنتهي ينتهي المنتهي اخر_ارقام پاياني منتهي המסתיים* מסתיים* המסתיימת* מסתיימת* שמסתיים समाप्त अंत खत्म সমাপ্ত শেষ முடிவடை* ముగిసే* ختم nagtatapos natatapos wanaoishia mwisho`
	endUnspaced = `尾号 尾號 末尾 末四位 末四碼 末4桁 下4桁 下四桁 后四位 後四碼 末尾番号 끝자리 끝나는 뒷자리 ลงท้าย ลงท้ายด้วย ລົງທ້າຍ បញ្ចប់ដោយ`
	askingWords = `enter type typing use using input insert submit provide key_in quote text reply_with
		eingeben gib gebe geben verwende* benutze* nutze* nutzen tippen introduce introduzca* ingresa* ingrese* usa utiliza* utilice digita* digite escribe saisissez saisir entrez utilisez tapez entrer inserisci* inserire digita introdueix* insira informe introduz* sartu erabili
		voer invoeren gebruik* vul toets ange skriv använd* anvand* indtast* brug* skriv_inn bruk* tast syota syötä kayta* käytä* anna kirjoita wpisz* uzyj użyj* podaj wprowadz* zadejte zadajte zadaj opište opiste pouzijte* irja* adja_meg hasznalja* üsse introduceti* folositi* utilizati* въведете използвайте введите используйте укажите наберите введіть використ* уводз* увядзіце унесите внесете unesite upisite* vnesite vpisite* uporabite sisestage* kasutage* ievadiet* izmantojiet* iveskite* naudokite* slainn sladu slaid girin giriniz kullanin* yazin* kiriting* daxil енгізіңіз киргизиңиз оруулна
		masukkan* gunakan* masukan guna nhap su_dung ilagay gamitin weka tumia faka shigar rhowch defnyddiwch cuir vendosni perdorni isku
		ادخل استخدم ادخال وارد استفاده درج הזן* הזינו הקש* הקלד* השתמש* दर्ज डालें टाइप उपयोग टाका প্রবেশ ব্যবহার লিখুন ਦਰਜ દાખલ உள்ளிட* నమోదు ನಮೂದಿಸಿ നൽകുക പുലർത്ത πληκτρολογ* εισαγ* χρησιμοποι* შეიყვან* մուտքագր* ያስገቡ`
	askingUnspaced = `输入 输入验证 使用 回复 輸入 回覆 入力 ご入力 利用 入力して 입력 ใส่ กรอก ป้อน ໃສ່ បញ្ចូល ထည့်`
	cueWords       = `autoriz* autoris* pass verification* verify* verif* confirmation confirm* activation* activate* authentication* authenticat* authoris* authoriz* login log_in logging_in sign_in signin sign_up signing_in security secure secret 2fa two_factor one_time access* otp* expires expire valid validity share
		bestatig* verifizier* anmeld* sicherheit* einmal* freigabe* gultig* aktivier* authentifizier* zugang* einlogg* registrier* connexion connecter inscri* securite valid* usage_unique confirmer authentif* acces verificacion confirmacion* confirmar sesion seguridad verificar* activacion* caduca* vence* acceso* autentic* compart* verificac* confirmac* ativac* entrar seguranca acesso* verifica* conferm* accesso accedere sicurezza attivazion* scade*
		inlogg* inloggen bevestig* beveilig* geldig* toegang verifier* bekraft* logga_in inloggning* giltig* engang* bekraeft* logge bekreft* gyldig* vahvist* kirjaud* tunnist* voimassa potwierdz* weryfik* logowani* zalogow* autoryz* wazny* aktywac* overov* overit* prihlas* potvrz* potvrd* ellenorz* megerosit* belepes* bejelentkez* azonosit* autentific* conectare confirmare потвърж* верифик* вход* подтвержд* подтверд* авториз* вхід* підтвердж* підтверд* пацвярдж* пацверд* потврд* верификац* potrjev* potrdit* prijav* kinnit* sisselog* apstiprin* ieiet pieslegs* patvirtin* prisijung* stadfest* fioraith* dilysu* egiaztap* verificacio* konfirm* verifik* dogrula* onay* giris* guvenlik* tasdiq* tesdiq* kirish растау* ырастоо* баталгаажуул*
		التحقق تحقق التاكيد تاكيد الدخول تسجيل صالح صالحه تاييد ورود يكبار تصديقي تصديق האימות אימות כניסה לכניסה התחברות חד_פעמית חד_פעמי सत्यापन पुष्टि लॉगिन पडताळणी प्रमाणीकरण যাচাই* যাচাইকরণ* লগইন* ਪੁਸ਼ਟੀ* ਤਸਦੀਕ ચકાસણી* સરિભાર சரிபார்* உள்நுழை* ధృవీకర* ಪರಿಶೀಲನ* ദൃശ്യ സ്ഥിരീകര* സത്യാപ* සත්යාපන* επαληθευ* επιβεβαιω* συνδεσ* συνδεθ* დადასტურ* ავტორიზ* հաստատ* ማረጋገጫ* የማረጋገጫ*
		pengesahan verifikasi* konfirmasi* berlaku* masuk xac_nhan xac_thuc xac_minh dang_nhap hieu_luc bao_mat uthibitisho* thibitisha* kuthibitisha* kuingia tabbatar* yokuqinisekisa* qinisekis* pagpapatunay kumpirma* verifikasie* sekuriteit`
	cueUnspaced  = `验证 验证您 登录 登入 认证 确认 有效 请勿 驗證 認證 確認 有效期 請勿 切勿 認証 ログイン 本人確認 有効 인증 본인확인 로그인 유효 확인 ยืนยัน เข้าสู่ระบบ หมดอายุ ຢືນຢັນ ផ្ទៀងផ្ទាត់ အတည်ပြု`
	copulaWords  = `is are was ist lautet lauten est es son e sono è é foi är ar er on to jest je jsou sú este ir yra yw bod eshte jane ez ay ni ithi ce ita_ce dir da huwa hija hi naa adalah ialah la là olarak dur є це это есть е је се είναι ειναι هو هي است ميباشد ہے ہيں הוא היא है हैं हो आहे হল হলো ਹੈ છે என்பது ఆగింది ಆಗಿದೆ ആണ് වේ არის է ነው вәе`
	joiningWords = `sie bitte please vous lutfen por_favor per_favore prosze prosimy пожалуйста s_il_vous_plait tolong your the a an my in into with for to_be below of and now follows following here_s s it this new current
		ihr ihre ihren ihrem ihrer dein deine deinen den der die das zum zur mit fur für auf wie folgt lautet einmalig* votre vos le la l les de du des d en avec pour par mon ton une un su sus tu tus el los del con para por al seu sua o os do da dos com il lo i tuo tua suo vostro di dei della per una che numero ti
		je uw jouw het op met voor din ditt dina pa på att för som dit det ved til oma sinun teie teidan jou w na twoj twój twoja panstwa panu z dnia vas vás vase váš tvuj tvůj va vaš vašeho az on az_on ön te tau dvs dumneavoastra ваш ваша ваше ваши вашия вашият вашиот твой ты на в для с по от ви у і вам таны сиздин сіздің сіз το ο η σασ σας για με τη την του σε jusu jūsų tava kuu jusų pinn þinn þín eich ta tieghek tiegħek zure el_teu teu o_teu
		icin için ile olan bu sizin sizning anda kamu kami ini untuk cua của ban bạn quy_khach là ang iyong sa ng yako ya wako wa za yakho naka ku ga
		الخاص بك لك الى في هذا من لحسابك شما به براي آپ آپكا كا كي كے ہے שלך שלכם את לך על ב ה आपका आपकी आपके का की के को पर से तुमचा तुमच्या तपाईंको તમારો તમારી আপনার এর உங்கள் మీ ನಿಮ್ಮ നിങ്ങളുടെ ඔබගේ ඔබේ ਤੁਹਾਡਾ ਦਾ თქვენი ձեր`
	copulaUnspaced    = `是 为 為 は 係 는 은 가 이 입니다 คือ แม่น ແມ່ນ គឺ မှာ です でございます`
	joiningUnspaced   = `您的 你的 您 の に を 로 으로 가 를 을 是您的 为您的 ของคุณ ຂອງທ່ານ របស់អ្នក သင့် 您本次 本次 的 卡 ด้วย でお`
	voidingWords      = `purchase qr zip postal post postcode* zipcode* area country dialling dialing dress error source sort bar barcode* booking swift bic product item tracking referral refer invitation color colour tax region hs nfc discount postleitzahl* plz fehler* landes* vorwahl postleit* *gutscheincode *rabattcode *aktionscode *promocode *postcode *barcode *zipcode промокод* промо штрих* штрихкод* почтовый индекс* postales postale fiscale fiscal fiscala cap erreur barres barras pos postnummer* *rabattkod *rabattkode *alekoodi sleva poczt* pocztowy psc irányítószám* posta_kodu posta بريدي پستي kodepos`
	voidingUnspaced   = `邮政编码 邮编 郵遞區號 郵便番号 우편번호 二维码 條碼 条码 QRコード รหัสไปรษณีย์ 优惠码 優惠碼 折扣码 折扣碼 推荐码 邀请码 兑换码 クーポンコード 割引コード 할인코드 쿠폰번호`
	formerWords       = `old previous former expired invalid no_longer alter alte alten vorherig* abgelaufen* ungultig* nicht_mehr ancien* precedent* n_est_plus anterior* antiguo* caducado* vencido* ya_no vecchio precedente* scaduto* non_e_piu oude vorige verlopen gammal* tidligere gamle utlopt vanha* vanhentunut stary starego poprzedni* wygasl* neplatn* predchozi* stari prejsnji* regi* lejart vechi* anterioar* expirat* стар* предыдущ* истек* истёк устарел* старий попередн* недейств* παλι* eski onceki gecersiz* lama sebelumnya kadaluarsa cu القديم السابق قديم הישן הקודם قديمي पुराना पिछला`
	formerUnspaced    = `旧 以前の 旧的 失效 已失效 已过期 過期 舊 이전 기존 만료`
	promotionWords    = `promo* coupon* voucher* discount* sale sales checkout cashback gift gutschein* rabatt* aktions* reduction* remise* soldes descuento* rebaja* cupon* desconto* cupom sconto* saldi korting* actiecode rabat* znizk* slev* kedvezmeny* reducere* скидк* знижк* отстъпк* popust* indirim* kampanya* diskon* kupon* giam_gia khuyen_mai khuyến_mãi خصم تخفيف* הנחה छूट ডিসকাউন্ট εκπτωσ* alennus* allahindlus* atlaide* nuolaida* tilbud* erbjudande* referral* invite promotional promotion* jackpot`
	promotionUnspaced = `优惠 折扣 特价 优惠券 優惠 割引 クーポン セール 할인 쿠폰 ส่วนลด`
	placingWords      = `at from by near um bei au chez al alle a_las a_la om kl klo till sent_to send_to lúc vao_luc pukul kell ob plkst`
	breakingWords     = `sent used changed blocked reset updated requested delivered mailed arrive arrived valid_until gesendet geandert verwendet envoye modifie enviado* cambiado inviato verstuurd wyslan* отправлен* изменен* надіслан* gonderil* dikirim`
	unitWords         = `s sec secs second seconds min mins minute minutes minuten minuti minutos minuty minut minuta minuuttia minuter minutter minutov minutu perc percig minutų minučių minutes* daqiqa dakika* deqiqe* dk saat* h hr hrs hour hours hodin godzin* horas heures ore stunde* sekund* secondi segundos secondes seconden sekunder day days tage* jours giorni dias dagen dagar dager dage dni dnu dnů nap zile gun menit* jam hari phut* phút gio ngay minit dakika minutos* minit* mn
		хв хвилин* мин минут* мину* сек секунд* час часа часов год* годин* дней дня дни дн λεπτα λεπτων ωρες دقيقه دقائق ساعه ثانيه منٹ דקות דקה שניות שעות मिनट* मिनिट* घंट* সেকেন্ড মিনিট* ਮਿੰਟ મિનિટ நிமிட* నిమిష* ನಿಮಿಷ* മിനിറ്റ* წუთ* րոպե* ደቂቃ*
		pm uhr points pts pt punkte puntos pontos punti punkter mb gb tb kb km kg g m mm cm kwh mbps people times digits stellig* cifre`
	unitUnspaced     = `分 分钟 分鐘 分間 秒 小时 小時 時間 天 日 月 年 点 积分 ポイント 분 초 시간 일 월 년 นาที วัน ชั่วโมง ນາທີ នាទី မိနစ် 人 件 次 位 桁 자리`
	currencyWords    = `usd eur gbp rs rub р руб* uah грн* гривень tl lira pln zl czk kc kč huf ft forint* ron bgn лв лева rsd dinara dinar* euro euros евро dollar* hrk kn km mkd ден sek nok dkk kr krw jpy cny rmb vnd dong idr rp rupiah myr rm sgd hkd twd aud nzd chf brl mxn clp ngn naira kes ksh ugx tzs ghs peso* pesos pkr lkr bdt tk taka thb egp sar aed ils qar kwd irr ريال* ريالا درهم* دينار* جنيه* تومان* شيكل* שח ש_ח शंकर रुपय* रुपये रु টাকা ৳ ரூ ரூபாய் తె_రూ రూ სარი ლარი тенге* сум сўм som soum manat azn kzt uzs amd դրամ birr etb zar lei inr`
	currencyUnspaced = `元 円 圆 圓 块 원 บาท ກີບ រៀល ကျပ် 人民币`
)

// vocabulary holds the words of every class in the form that texts are folded to.
type vocabulary struct {
	words    map[string]class // the whole word
	stems    map[string]class // how a word begins
	tails    map[string]class // how a word ends
	phrases  map[string]class // words joined by spaces
	unspaced map[string]class // words of scripts without spaces
}

// words is built once from the constants above and never changed.
var words = sync.OnceValue(newVocabulary) //nolint:gochecknoglobals // a constant table: a map can't be const

func newVocabulary() *vocabulary {
	v := &vocabulary{
		words: map[string]class{}, stems: map[string]class{}, tails: map[string]class{},
		phrases: map[string]class{}, unspaced: map[string]class{},
	}
	// The first class that has a word keeps it.
	for _, list := range []struct {
		class           class
		words, unspaced string
	}{
		{voids, voidingWords, voidingUnspaced},
		{announces, announcingWords, announcingUnspaced},
		{promotion, promotionWords, promotionUnspaced},
		{ends, endWords, endUnspaced},
		{former, formerWords, formerUnspaced},
		{namesOther, otherWords, otherUnspaced},
		{namesNumber, numberWords, numberUnspaced},
		{places, placingWords, ""},
		{copula, copulaWords, copulaUnspaced},
		{joins, joiningWords, joiningUnspaced},
		{asks, askingWords, askingUnspaced},
		{cue, cueWords, cueUnspaced},
		{breaks, breakingWords, ""},
		{unit, unitWords, unitUnspaced},
		{currency, currencyWords, currencyUnspaced},
	} {
		for _, w := range strings.Fields(list.words) {
			v.add(w, list.class)
		}
		for _, w := range strings.Fields(list.unspaced) {
			setFirst(v.unspaced, w, list.class)
		}
	}
	return v
}

func (v *vocabulary) add(w string, c class) {
	w = strings.ReplaceAll(normalize(w), "_", " ")
	folded := strings.TrimSpace(fold(strings.Trim(w, "*")))
	folded = strings.ReplaceAll(folded, "-", " ")
	switch {
	case strings.Contains(folded, " "):
		setFirst(v.phrases, folded, c)
	case strings.HasPrefix(w, "*"):
		setFirst(v.tails, folded, c)
	case strings.HasSuffix(w, "*"):
		setFirst(v.stems, folded, c)
	default:
		setFirst(v.words, folded, c)
	}
}

func setFirst(m map[string]class, w string, c class) {
	if _, known := m[w]; !known {
		m[w] = c
	}
}

// longestPart is the length in bytes of the longest beginning or end of a word
// that is looked up.
const longestPart = 48

// classOf returns the class of a folded word.
func classOf(word string) class {
	v := words()
	if c := v.lookUp(word); c != unknownWord {
		return c
	}
	// Arabic and Hebrew write articles and prepositions in one word with the noun.
	rest := word
	for range 3 {
		r, size := utf8.DecodeRuneInString(rest)
		if !strings.ContainsRune("وفبلكاהובלכמש", r) || size == len(rest) {
			break
		}
		rest = rest[size:]
		switch c := v.lookUp(rest); {
		case c == unknownWord || c == joins || c == copula:
		case c == namesOther && strings.ContainsAny(word[:len(word)-len(rest)], "بלבל"):
			return joins // "for your account"
		default:
			return c
		}
	}
	return unknownWord
}

func (v *vocabulary) lookUp(word string) class {
	if c, ok := v.words[word]; ok {
		return c
	}
	stem, tail := unknownWord, unknownWord
	for n := min(len(word), longestPart); n > 1 && stem == unknownWord; n-- {
		stem = v.stems[word[:n]]
	}
	for n := min(len(word), longestPart); n > 1 && tail == unknownWord; n-- {
		tail = v.tails[word[len(word)-n:]]
	}
	// The end of a compound says what it is, "Bestätigungscode", but a code that
	// is of no use here is told by the beginning, "Gutscheincode".
	if stem == unknownWord || tail != unknownWord && stem != voids && stem != promotion {
		return tail
	}
	return stem
}

func unspacedClass(word string) class { return words().unspaced[word] }

func phraseClass(phrase string) class { return words().phrases[phrase] }
