package smscode

import (
	"slices"
	"strings"
	"unicode"
)

// What words say of the number beside them. Each list has its words in lower
// case, parted by spaces; an underscore stands for a space inside one.
const (
	// announcing words name a code.
	announcing = `code codes codigo código códigos codice codi cod kode koda kood koodi kod kodu kodun kodas kods kodi kodo kód kódu kódot
		otp pin tan tac passcode password passwort passwor parool parole parola palavra-passe contraseña contrasenya clave senha lozinka heslo jelszó hasło lösenord
		wachtwoord salasana slaptažodis adgangskode passord mot_de_passe verifizierungscode bestätigungscode sandi
		код кода коду кодом пароль пароля паролем пін пин құпия κωδικός κωδικο
		验证码 校验码 动态码 动态密码 密码 驗證碼 校驗碼 認證碼 密碼 認証 認証番号 認証コード 確認コード 確認番号 コード パスワード 暗証番号
		인증번호 인증 코드 비밀번호 รหัส mã mật_khẩu کد رمز كود الرمز קוד סיסמה कोड ओटीपी पासवर्ड কোড ওটিপি குறியீடு కోడ్ kodas კოდი կոդ`
	// asking words are what one does with a code.
	asking = `enter type use input insert confirm verify verification verifizier bestätig eingeben gib introduce ingresa usa utiliza saisissez entrez utilisez vérif
		inserisci usa conferma digite insira wpisz użyj zadej zadajte írja introduceți girin doğrulama masukkan gunakan nhập введите используйте подтвер введіть
		入力 输入 輸入 使用 입력 กรอก أدخل הזן`
	// other words name numbers that are no codes.
	other = `account acct acc a/c konto kontonummer cuenta conta compte счет счёт счета рахунок 账户 帐户 账号 帳號 帳戶 口座 계좌 hesap rekening
		card karte tarjeta carta carte cartão kart karta карта карты карте картой 卡号 卡號 カード 카드
		ending ends 尾号 尾號 末尾 endet ending_in ends_in terminada terminé последние
		order invoice ref reference ticket booking customer client member txn transaction pedido bestellung bestellnummer kundennummer commande ordine заказ заказа 订单 訂單 注文 주문 sipariş zamówienie
		tel phone mobile call telefon teléfono téléphone telefone телефон 电话 電話 客服 전화
		stop_to help_to stop_an stop_al stop_au reply_to`
	// linking words may stand between a word and its number.
	linking = `is : = - — are it's ist lautet es est è e é jest to är er on это є je este iki ez є είναι adalah là ialah olarak है 是 为 為 は 는 은 입니다 คือ هو הוא
		no nr num number nummer número numero номер № n n° id your the in with mit con avec в на dein tu sua sua votre ваш 番号 番號 번호`
	currencies    = `usd eur gbp rs inr rub руб руб. р uah грн try tl pln zł jpy cny rmb krw vnd idr rp brl r mxn ngn kes ksh php myr rm sgd hkd aud cad nzd chf sek nok dkk czk huf ron`
	units         = `s sec secs second seconds min mins minute minutes minuten minuti minutos minuty minut хв мин минут минуты секунд час часов h hr hrs hour hours stunden horas heures ore day days tage días jours giorni dias дней days points pts punkte puntos mb gb kb km kg people times`
	unspacedUnits = `分 秒 小时 小時 時間 天 日 元 円 圆 年 분 초 시간 일 원 년`
)

// isOneOf tells whether a word is in a list.
func isOneOf(list, word string) bool {
	return word != "" && slices.Contains(strings.Fields(list), word)
}

// startsWithOneOf tells whether a text begins with a word of a list.
func startsWithOneOf(list, text string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(w string) bool { return strings.HasPrefix(text, w) })
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

// labelKind is what a label says of the number beside it.
type labelKind int

const (
	labelAnnounces labelKind = iota + 1
	labelAsks
	labelOther
)

// label is a word that says what a number beside it is.
type label struct {
	kind       labelKind
	start, end int
}

// labels finds the words that say something of a number.
func (t *text) labels() []label {
	var all []label
	lower := string(t.lower)
	for kind, list := range map[labelKind]string{labelAnnounces: announcing, labelAsks: asking, labelOther: other} {
		for _, w := range strings.Fields(list) {
			w = strings.ReplaceAll(w, "_", " ")
			if strings.Contains(lower, w) {
				all = append(all, t.find(kind, []rune(w))...)
			}
		}
	}
	return all
}

// find gives the places of one word.
func (t *text) find(kind labelKind, w []rune) []label {
	var all []label
	for i := 0; i+len(w) <= len(t.lower); i++ {
		if slices.Equal(t.lower[i:i+len(w)], w) && t.stands(kind, i, i+len(w)) {
			all = append(all, label{kind, i, i + len(w)})
		}
	}
	return all
}

// stands tells whether the runes from start to end can be the word they look like,
// although letters stand beside them. Scripts without spaces have no borders to
// ask for. In others a word that announces a code may be the end of a longer one,
// "Bestätigungscode", or have an ending, "kodunuz", unless it is so short that it
// is in many others, as "pin" in "shipping".
func (t *text) stands(kind labelKind, start, end int) bool {
	if !unicode.In(t.lower[start], unicode.Latin, unicode.Cyrillic, unicode.Greek) {
		return true
	}
	letters := end - start
	before, after := isLetter(t.at(start-1)), isLetter(t.at(end))
	switch kind {
	case labelAnnounces:
		kod := strings.HasSuffix(string(t.lower[start:end]), "kod")
		return (!before || letters >= 4 || kod) && (!after || letters >= 5)
	case labelAsks:
		return !before && (!after || letters >= 6)
	}
	return !before && !after
}

// links tells whether nothing but linking words stands between a word and its
// number.
func (t *text) links(from, to int) bool {
	if from > to || t.sentenceEnds(from, to) {
		return false
	}
	between := string(t.lower[from:to])
	if strings.ContainsAny(between, ",，、") {
		return false
	}
	for _, w := range strings.FieldsFunc(between, func(r rune) bool { return !isLetter(r) && !isDigit(r) }) {
		if !isOneOf(linking, w) {
			return false
		}
	}
	return true
}

// belongsToOther tells whether a word right before a candidate says that it is no
// code.
func (t *text) belongsToOther(labels []label, c candidate) bool {
	for _, l := range labels {
		if l.kind == labelOther && l.end <= c.start && t.links(l.end, c.start) {
			return true
		}
	}
	return false
}
