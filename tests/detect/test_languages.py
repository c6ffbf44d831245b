"""Words and languages: claims reach the detector in each language, everyday posts do not."""

# ruff: noqa: RUF001 - letters of many scripts are what is tested

import json
import tomllib
from importlib import resources

import pytest

from streams.detect.gate import build_gate
from streams.detect.language import tell_language
from streams.detect.lexicon import GATE_CONCEPTS, load_lexicon
from streams.detect.normalise import normalise
from streams.detect.stance import tell_stance
from streams.detect.words import split
from streams.schema import Stance

# One claim and one sentence of every day in each language.
POSTS = {
    "af": ("Die stembriewe is gisteraand verbrand", "Ons gaan vanaand braai by my ma"),
    "am": ("የምርጫ ውጤት ተጭበርብሯል", "ዛሬ ቡና ጠጥቼ ወደ ሥራ ሄድኩ"),
    "az": ("Seçki bülletenləri oğurlanıb", "Bu gün hava çox gözəldir"),
    "bg": ("Бюлетините са подменени снощи", "Днес времето е хубаво и ще ходим на море"),
    "cs": ("Hlasovací lístky někdo spálil", "Dneska večer jdeme na pivo s kamarády"),
    "da": ("Nogen har brændt stemmesedlerne", "Vi skal spise frikadeller i aften"),
    "et": ("Hääletussedelid visati prügikasti", "Täna õhtul läheme sauna ja sööme"),
    "eu": ("Hauteskundeetan iruzurra egon da", "Gaur gauean lagunekin afalduko dugu"),
    "fa": ("نتایج انتخابات را دستکاری کردند", "امروز هوا خیلی خوب است و رفتیم پارک"),
    "fi": ("Äänestyslippuja poltettiin eilen", "Tänään syödään makkaraa ja saunotaan"),
    "gl": ("Houbo fraude electoral e mercan votos", "Hoxe imos á praia coa familia"),
    "gu": ("ચૂંટણીમાં નકલી મતદાન થયું", "આજે વરસાદ સારો છે અને અમે ઘરે છીએ"),
    "ha": ("An saci akwatunan zaɓe jiya", "Yau mun ci tuwo da miya a gida"),
    "he": ("גנבו את הקולות בקלפי ביום הבחירות", "היום אכלנו פלאפל והלכנו לים"),
    "hr": ("Spalili su glasačke listiće", "Danas idemo na more s djecom"),
    "hu": ("Elégették a szavazólapokat", "Ma este gulyást főzünk otthon"),
    "hy": ("Քվեաթերթիկները այրել են", "Այսօր եղանակը շատ լավ է"),
    "ig": ("Ha zuru igbe vootu na ntụli aka", "Taa anyị riri nri ụtọ n'ụlọ"),
    "is": ("Kjörseðlum var hent í ruslið", "Við borðum fisk í kvöld heima"),
    "ka": ("არჩევნები გააყალბეს", "დღეს კარგი ამინდია და ზღვაზე მივდივართ"),
    "kk": ("Сайлаудағы дауыс беруді бұрмалады", "Бүгін ауа райы өте жақсы"),
    "km": ("មានការលួចបន្លំសន្លឹកឆ្នោត", "ថ្ងៃនេះខ្ញុំទៅផ្សារទិញត្រី"),
    "kn": ("ಚುನಾವಣೆಯಲ್ಲಿ ನಕಲಿ ಮತದಾನ ನಡೆದಿದೆ", "ಇಂದು ಮಳೆ ಬರುತ್ತಿದೆ ಮನೆಯಲ್ಲೇ ಇದ್ದೇವೆ"),
    "lo": ("ມີການໂກງການເລືອກຕັ້ງ", "ມື້ນີ້ຂ້ອຍໄປຕະຫຼາດຊື້ປາ"),
    "lt": ("Rinkimų biuleteniai sudeginti", "Šiandien važiuojame prie ežero"),
    "lv": ("Vēlēšanu zīmes izmestas miskastē", "Šodien braucam uz jūru peldēties"),
    "mk": ("Гласачките ливчиња се изгорени", "Денес одиме на планина со децата"),
    "ml": ("തിരഞ്ഞെടുപ്പിൽ കള്ളവോട്ട് നടന്നു", "ഇന്ന് നല്ല മഴയാണ് ചായ കുടിച്ചു"),
    "mn": ("Сонгуулийн дүнг луйвардсан", "Өнөөдөр цаг агаар сайхан байна"),
    "mr": ("मतदार यादीत बोगस नावे आहेत", "आज पाऊस छान आहे आणि चहा गरम"),
    "ms": ("Kertas undi dibakar malam tadi", "Hari ini kami makan nasi lemak di rumah"),
    "my": ("ရွေးကောက်ပွဲမှာ မဲခိုးတယ်", "ဒီနေ့ ရာသီဥတု သာယာတယ်"),
    "ne": ("मतपत्र च्यातिएको छ", "आज पानी परेको छ र चिया मिठो छ"),
    "no": ("Noen har brent stemmesedlene", "Han har en nydelig stemme og synger i kor"),
    "pa": ("ਚੋਣਾਂ ਵਿੱਚ ਜਾਅਲੀ ਵੋਟਾਂ ਪਈਆਂ", "ਅੱਜ ਮੀਂਹ ਪੈ ਰਿਹਾ ਹੈ ਤੇ ਚਾਹ ਪੀਤੀ"),
    "si": ("මැතිවරණයේ ඡන්ද හොරකම් කළා", "අද කාලගුණය හොඳයි අපි මුහුදට ගියා"),
    "sk": ("Hlasovacie lístky našli v smetiach", "Dnes večer varíme halušky doma"),
    "sl": ("Glasovnice so našli v smeteh", "Danes gremo v hribe s prijatelji"),
    "so": ("Doorashada waa la boobay", "Maanta waxaan cunay bariis iyo hilib"),
    "sq": ("Fletët e votimit janë djegur", "Sot shkojmë në plazh me fëmijët"),
    "sr": ("Покрали су изборе, гласачки листићи нестали", "Данас идемо на пијацу по воће"),
    "sw": ("Wameiba kura zetu usiku, masanduku ya kura yamepotea", "Leo tumekula ugali na samaki"),
    "te": ("ఎన్నికల్లో దొంగ ఓట్లు వేశారు", "ఈరోజు వర్షం బాగా పడుతోంది"),
    "th": ("มีการโกงเลือกตั้งที่หน่วยนี้", "วันนี้อากาศดีมากไปทะเลกัน"),
    "ur": ("الیکشن میں دھاندلی ہوئی ہے", "آج موسم بہت اچھا ہے چائے پیتے ہیں"),
    "uz": ("Saylov byulletenlari soxta ekan", "Bugun havo juda yaxshi, oshga boramiz"),
    "vi": ("Họ đã mua phiếu bầu ở quận này", "Hôm nay trời đẹp quá, đi ăn phở thôi"),
    "yo": ("Wọ́n jí àpótí ìbò ní ìdìbò yìí", "A jẹ ìrẹsì àti ẹja lónìí nílé"),
    "zh": ("選舉作票,開票結果被竄改", "今天天氣很好我們去海邊玩"),
    "zu": ("Amaphepha okuvota ashisiwe izolo", "Namhlanje sidle inyama ekhaya"),
}


@pytest.fixture(scope="module")
def gate():
    return build_gate(load_lexicon().phrases)


def value(text):
    return json.dumps({"op": "create", "text": text}, ensure_ascii=False).encode()


def test_each_list_of_plain_words_has_a_claim_here():
    plain = {phrase.language for phrase in load_lexicon().phrases if phrase.plain}
    assert plain == set(POSTS)


@pytest.mark.parametrize("language", POSTS)
def test_a_claim_passes_by_its_words(gate, language):
    assert gate.scan([value(POSTS[language][0])]) == [0]
    words = split(normalise(POSTS[language][0]))
    assert any(
        hit.concept in GATE_CONCEPTS and hit.language == language
        for hit in load_lexicon().find(words)
    )


@pytest.mark.parametrize("language", POSTS)
def test_a_sentence_of_every_day_does_not_pass(gate, language):
    assert gate.scan([value(POSTS[language][1])]) == []


@pytest.mark.parametrize(
    "text",
    [
        "Oyun çok güzeldi, yine oynarız",
        "se vinde cu tristete casa",
        "Am Bau horchte niemand hin",
        "merge cu trei copii",
        "anesthesia before the surgery",
        "Monday is over",
        "ร้านนี้เล็กแต่อร่อย",
    ],
)
def test_words_that_look_like_election_words_do_not_pass(gate, text):
    assert gate.scan([value(text)]) == []


def test_the_gate_finds_every_plain_phrase_as_it_is_written(gate):
    lost = []
    for phrase in load_lexicon().phrases:
        if phrase.plain and phrase.concept in GATE_CONCEPTS:
            text = " ".join(element[-1].strip("*") for element in phrase.elements)
            text = text.replace("#", "12").replace("...", "x")
            if gate.scan([value(text)]) != [0]:
                lost.append((phrase.language, text))
    assert lost == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("投票!", "zh"),
        ("選舉作票", "zh"),
        ("选举舞弊", "zh"),
        ("選挙の投票", "ja"),
        ("เลือกตั้ง", "th"),
        ("ምርጫ ተጭበረበረ", "am"),
        ("არჩევნები", "ka"),
        ("Kuna kura za wizi kwenye kituo hiki jana", "sw"),
        ("An ce wai sun sace akwatin zaɓe jiya da dare", "ha"),
        ("Abantu abaningi bathi ukhetho luhlehlisiwe kusasa", "zu"),
        ("Ndị mmadụ na-ekwu na e zuru vootu anyị", "ig"),
        ("Wọ́n ní àwọn ti jí àpótí ìbò náà", "yo"),
        ("Kertas undi dah kena bakar, korang tahu tak?", "ms"),
        ("Neko je juče ukrao glasačke listiće, ljudi", "sr"),
    ],
)
def test_short_posts_have_a_language(text, code):
    assert tell_language(text).code == code


@pytest.mark.parametrize(("one", "other"), [("hr", "sr"), ("id", "ms")])
def test_neighbours_are_heard_in_each_others_posts(one, other):
    text = {"hr": "Tko je vidio glasačke listiće?", "id": "Pemilu ini sudah curang dari awal"}[one]
    assert {one, other} <= tell_language(text).possible


def test_small_words_are_lists_of_small_letters():
    data = tomllib.loads(
        resources.files("streams.detect").joinpath("small_words.toml").read_text("utf-8")
    )
    for code, words in data.items():
        assert words == words.lower(), code
        assert len(words.split()) > 10, code
        assert all(word.index("*") == 3 for word in words.split() if "*" in word), code


def stance(language, text):
    words = split(normalise(text))
    hits = [hit for hit in load_lexicon().find(words) if hit.language == language]
    return tell_stance(words, hits, [])


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "No, dead people did not vote in Wayne County", Stance.DENIES),
        ("en", "No dead people voted in Wayne County", Stance.ASSERTS),
        ("de", "Nein, man braucht keinen eigenen Stift", Stance.DENIES),
        ("es", "Eso es un bulo, nadie borra los votos", Stance.DENIES),
        ("fr", "FAUX, il a pas retiré sa candidature", Stance.DENIES),
        ("zh", "這是謠言,選票沒有被燒", Stance.DENIES),
        ("zh", "聽說選舉延期,是真的嗎", Stance.ASKS),
        ("sw", "Ni kweli uchaguzi umeahirishwa?", Stance.ASKS),
        ("sw", "Si kweli, kura zote zimehesabiwa", Stance.DENIES),
        ("fa", "شایعه است، انتخابات لغو نشده", Stance.DENIES),
        ("th", "ข่าวปลอม ไม่มีการโกงเลือกตั้ง", Stance.DENIES),
        ("cs", "Podle komise volby skončily", Stance.REPORTS),
        ("el", "Άλλαξε η ημέρα των εκλογών;", Stance.ASKS),
        ("en", "They moved the election; nobody told us", Stance.ASSERTS),
        ("am", "ምርጫው ተራዘመ፧", Stance.ASKS),
        ("vi", "Có ai biết bầu cử bị hoãn không?", Stance.ASKS),
    ],
)
def test_cue_words_tell_the_stance(language, text, expected):
    assert stance(language, text) is expected
