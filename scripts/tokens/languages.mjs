// Short texts in many languages and scripts, written for this table: a ferry, a train, a garden. English is apart,
// because its estimate has a closer bound.

/** By name. */
export const ENGLISH = joined({
  english: [
    "When the ferry came in late on Tuesday evening, only three people were waiting at the old harbour. ",
    "One of them carried a box of letters that nobody had opened for forty years. She had promised her ",
    "grandmother to bring them back to the island, although she did not know who would still be there to ",
    "read them. The wind had turned, the lights along the wall were going out one after another, and the ",
    "captain asked twice whether they really wanted to leave tonight.",
  ],
  english_technical: [
    "The scheduler keeps a queue of pending jobs and assigns each of them to the worker with the lowest ",
    "estimated load. If a worker does not respond within thirty seconds, its jobs are returned to the ",
    "queue and marked for retry. Configuration is validated at startup: an unknown key is an error, not ",
    "a warning. Throughput increases almost linearly until the database becomes the bottleneck, which ",
    "the benchmark reaches at approximately 2,400 requests per second.",
  ],
  english_business: [
    "Thank you for your message. We have reviewed the proposal and would like to discuss a few points ",
    "before the contract is signed: the delivery dates for the second quarter, the warranty period, and ",
    "the price of the additional licences. Could you please let us know whether Thursday at 10:30 would ",
    "suit you? If not, we're happy to arrange another appointment next week. Kind regards, the ",
    "purchasing department.",
  ],
});

export const LANGUAGES = joined({
  german: [
    "Als der Zug endlich in den Bahnhof einfuhr, war es schon dunkel geworden, und über den Dächern hing ",
    "der Rauch der Fabriken. Die Reisenden drängten sich mit ihren Koffern an den Türen, während der ",
    "Schaffner die Verspätung entschuldigte. Eine Geschwindigkeitsbeschränkung auf der Brücke habe die ",
    "Weiterfahrt verzögert; außerdem müsse man die Anschlussverbindungen nach Süden für heute leider als ",
    "gestrichen betrachten.",
  ],
  french: [
    "Le jardin de la vieille maison n'avait pas été entretenu depuis l'été dernier. Les rosiers ",
    "montaient jusqu'aux fenêtres, et l'allée qui menait à la rivière disparaissait sous les feuilles ",
    "mortes. Quand les nouveaux propriétaires sont arrivés, ils ont trouvé dans la remise des outils ",
    "rouillés, une brouette sans roue et un carnet où quelqu'un avait noté, jour après jour, le temps ",
    "qu'il faisait.",
  ],
  spanish: [
    "El mercado empezaba a las cinco de la mañana, cuando todavía no había luz en las calles. Los ",
    "pescadores traían las cajas desde el puerto y los vendedores discutían los precios en voz baja. Mi ",
    "abuelo decía que allí se aprendía más que en la escuela, porque cada persona tenía una historia ",
    "distinta y ninguna quería marcharse sin contarla antes de que saliera el sol.",
  ],
  portuguese: [
    "A biblioteca da aldeia ficava por cima da padaria, e por isso os livros cheiravam sempre a pão ",
    "quente. As crianças subiam as escadas depois das aulas e escolhiam uma história para levar para ",
    "casa. Não havia computadores nem cartões: a senhora que lá trabalhava conhecia todos pelo nome e ",
    "lembrava-se do que cada um tinha lido no inverno anterior.",
  ],
  italian: [
    "La mattina della festa il paese si svegliò prima del solito. Le donne avevano preparato i dolci ",
    "durante la notte, gli uomini montavano i tavoli nella piazza e i bambini correvano da una casa ",
    "all'altra con i nastri colorati. Soltanto il vecchio orologiaio rimase nella sua bottega, perché ",
    "l'orologio del campanile si era fermato e nessun altro sapeva come farlo ripartire.",
  ],
  dutch: [
    "Toen het water begon te stijgen, brachten de boeren hun dieren naar de hoger gelegen weilanden ",
    "achter de dijk. Niemand had verwacht dat de rivier zo vroeg in het voorjaar buiten haar oevers zou ",
    "treden. In het dorpshuis werden bedden klaargezet, en vrijwilligers vulden zakken met zand die met ",
    "tractoren naar de zwakste plekken werden gereden.",
  ],
  swedish: [
    "På hösten när löven hade fallit gick vi alltid upp till sjön för att se om isen börjat lägga sig. ",
    "Farfar bar en korg med smörgåsar och en termos med kaffe, och han berättade om hur man förr i tiden ",
    "sågade block av is och förvarade dem under sågspån hela sommaren. Vi trodde inte riktigt på det, ",
    "men vi frågade ändå varje år igen.",
  ],
  finnish: [
    "Kun ensimmäinen lumi satoi maahan, kyläläiset tiesivät, että talvesta tulisi pitkä ja kylmä. ",
    "Kalastajat nostivat veneensä rannalle ja korjasivat verkkojaan takkatulen ääressä. Lapset odottivat ",
    "innokkaasti, milloin järven jää kantaisi, sillä luistelukilpailut järjestettäisiin heti kun ",
    "opettaja antaisi luvan. Vanhimmat muistelivat talvea, jolloin susia nähtiin aivan talojen lähellä.",
  ],
  estonian: [
    "Vana tuuletorn seisis põllu keskel nagu unustatud valvur. Suvel kasvas selle ümber kõrge rohi, ",
    "talvel puhus tuul lume ukse ette nii paksult, et keegi sisse ei pääsenud. Möldri tütar oli ainus, ",
    "kes teadis, kus võtit hoitakse, ja ta ei rääkinud sellest kellelegi enne, kui linnast tulid ",
    "mõõdistajad oma paberite ja nööridega.",
  ],
  polish: [
    "Kiedy pociąg zatrzymał się na małej stacji, wysiadła z niego tylko jedna kobieta z ciężką walizką. ",
    "Zawiadowca spojrzał na zegarek i powiedział, że autobus do miasteczka odjechał przed dwudziestoma ",
    "minutami. Następny miał przyjechać dopiero rano, więc zaproponował jej herbatę w poczekalni, gdzie ",
    "od trzydziestu lat nic się nie zmieniło oprócz rozkładu jazdy.",
  ],
  czech: [
    "Na konci vesnice stál mlýn, o kterém se říkalo, že v něm straší. Žádný z chlapců se neodvážil ",
    "přejít po setmění přes lávku, ačkoli přes den tam chodili chytat pstruhy. Teprve když se ",
    "přistěhoval nový učitel a začal opravovat střechu, ukázalo se, že podivné zvuky způsobovalo ",
    "uvolněné prkno a vítr, který foukal od řeky.",
  ],
  hungarian: [
    "A hegyi faluban már csak az öregek emlékeztek arra, hogy valaha vasút vezetett idáig. A síneket ",
    "felszedték, az állomás épületében pedig galambok fészkeltek. Amikor a fiatal mérnök megérkezett a ",
    "térképeivel, mindenki kíváncsian figyelte, és a kocsmáros megkérdezte tőle, hogy tényleg újra ",
    "akarják-e építeni az alagutat, amelyet a nagyapja idejében temettek be.",
  ],
  turkish: [
    "Sabah erkenden limana indiğimizde balıkçılar ağlarını çoktan toplamıştı. Güneş denizin üzerinden ",
    "yükselirken çay ocağının önünde küçük bir kalabalık oluştu. Yaşlı kaptan, gençliğinde gördüğü ",
    "fırtınaları anlatıyor, çocuklar da sandalyelerini ona biraz daha yaklaştırıyordu. Kimse işe gitmek ",
    "istemiyordu, çünkü hikâyenin sonunu öğrenmeden ayrılmak mümkün değildi.",
  ],
  vietnamese: [
    "Buổi sáng ở chợ nổi bắt đầu khi trời còn tối. Những chiếc thuyền chở đầy trái cây, rau xanh và hoa ",
    "tươi chen nhau trên dòng sông rộng. Người bán gọi người mua bằng những cây sào dài treo hàng mẫu, ",
    "còn bọn trẻ thì chèo xuồng nhỏ bán cà phê nóng. Bà tôi thường nói rằng ai chưa nghe tiếng cười ở ",
    "đây thì chưa hiểu miền quê này.",
  ],
  romanian: [
    "În curtea școlii creștea un nuc bătrân, sub care se adunau copiii în fiecare toamnă. Învățătoarea ",
    "le spunea povești despre pădurarii din munți și despre iernile în care zăpada acoperea ferestrele. ",
    "Când s-a hotărât să se construiască o sală de sport, toți au cerut ca arborele să rămână la locul ",
    "lui, iar arhitectul a trebuit să schimbe planurile.",
  ],
  indonesian: [
    "Setiap pagi sebelum matahari terbit, para nelayan mendorong perahu mereka ke laut dan berharap ",
    "cuaca tetap tenang. Anak-anak menunggu di pantai sambil membantu ibu mereka menjemur ikan. Kalau ",
    "hasil tangkapan banyak, malam harinya mereka berkumpul di balai desa, menyalakan lampu minyak, lalu ",
    "mendengarkan cerita tentang raja yang menyembunyikan hartanya di bawah gunung berapi.",
  ],
  malay_tagalog: [
    "Tuwing umaga ay naglalakad ang magkakapatid patungo sa paaralan sa kabilang panig ng ilog. Dala ",
    "nila ang kanilang mga aklat sa supot na plastik upang hindi mabasa kapag umuulan. Sinasabi ng ",
    "kanilang lola na noong araw ay wala pang tulay at kailangang sumakay sa balsa, kaya maraming bata ",
    "ang hindi nakapagtapos ng kanilang pag-aaral.",
  ],
  swahili: [
    "Asubuhi na mapema wavuvi walirudi kutoka baharini wakiwa na samaki wengi kuliko siku zote. Watoto ",
    "walikimbia ufukweni kuwasaidia kushusha vikapu, na wanawake walianza kuuza samaki hao sokoni kabla ",
    "ya jua kuwa kali. Mzee mmoja alikaa chini ya mti mkubwa akiwasimulia wageni jinsi mji wao ",
    "ulivyojengwa na wafanyabiashara waliokuja kwa majahazi miaka mingi iliyopita.",
  ],
  zulu: [
    "Ekuseni kakhulu abafana baqhuba izinkomo baziyisa emfuleni ngaphambi kokuba ilanga lishise. Ugogo ",
    "wahlala phansi kwesihlahla wabaxoxela indaba yenkosi eyayihlala entabeni, ingesabi muntu. Lapho ",
    "izulu liqala ukuduma, bonke babalekela endlini, kodwa umfana omncane wabuyela emuva ngoba ",
    "wayelahlekelwe yizinyawo zakhe zezicathulo ezintsha ayezithengelwe nguyise edolobheni.",
  ],
  hausa: [
    "Kowace safiya manoma suna fita zuwa gonakinsu tun kafin rana ta fito. Yara kuwa suna taimaka wa ",
    "iyayensu wajen kiwon dabbobi da kuma debo ruwa daga rijiya. Idan damina ta zo, sai a ga ciyawa ta ",
    "mamaye ko'ina, kuma kowa yana farin ciki saboda an san cewa za a samu abinci mai yawa a wannan ",
    "shekara.",
  ],
  somali: [
    "Subax kasta ganacsatadu waxay u soo baxaan suuqa si ay u iibiyaan geela, ariga iyo caanaha. Dadka ",
    "ka yimid miyiga waxay la sheekaystaan kuwa magaalada, iyagoo isweydaarsanaya wararka roobka iyo ",
    "daaqa. Duqii deggenaa ceelka agtiisa ayaa sheegay in sannadkan abaartu ka fudud tahay kuwii hore, ",
    "balse loo baahan yahay in biyaha la keydiyo.",
  ],
  welsh: [
    "Roedd yr hen bont wedi sefyll dros yr afon ers dros ddau gan mlynedd cyn i'r llifogydd ei ",
    "dinistrio. Penderfynodd pobl y pentref ei hailadeiladu â'u dwylo eu hunain, gan ddefnyddio'r cerrig ",
    "gwreiddiol a ddaethpwyd o hyd iddynt yng ngwaelod y dŵr. Gweithiodd pawb gyda'i gilydd bob ",
    "penwythnos, a chanodd y plant ysgol ar y diwrnod yr agorwyd hi.",
  ],
  latin: [
    "Olim in parva insula vivebat senex qui naves praetereuntes numerabat et nomina earum in tabulis ",
    "scribebat. Cum incolae quaererent cur hoc faceret, respondebat filium suum ante multos annos ",
    "profectum esse neque se scire qua nave rediturus esset. Itaque singulis diebus ad litus ",
    "descendebat, sive pluebat sive sol splendebat, donec oculi eius caligare coeperunt.",
  ],
  yoruba: [
    "Ní òwúrọ̀ kùtùkùtù, àwọn àgbẹ̀ máa ń lọ sí oko wọn kí oòrùn tó mú. Àwọn ọmọdé a sì máa ran àwọn òbí ",
    "wọn lọ́wọ́ láti kó iṣu àti àgbàdo wá sílé. Ní alẹ́, gbogbo ènìyàn á péjọ sábẹ́ igi ńlá láti gbọ́ ",
    "ìtàn ìjàpá láti ẹnu àwọn àgbà, wọ́n á sì kọrin títí oṣùpá á fi ga.",
  ],
  russian: [
    "Когда пароход подошёл к пристани, начал накрапывать мелкий дождь. На берегу стояли всего два ",
    "человека: смотритель маяка и девочка с большой собакой. Она ждала отца, который обещал вернуться ",
    "ещё весной, но письма от него перестали приходить. Капитан медленно спустился по трапу, снял ",
    "фуражку и долго не решался заговорить.",
  ],
  ukrainian: [
    "Старий садівник щоранку обходив яблуні й розмовляв із ними, наче з людьми. Діти сміялися, але ",
    "восени саме в нього були найсолодші плоди в усій окрузі. Коли до села приїхав учений із міста, щоб ",
    "дослідити ґрунт, дід лише знизав плечима й запросив його на вечерю, бо найважливіше, на його думку, ",
    "не вимірюється приладами.",
  ],
  mongolian: [
    "Өвлийн эхэн сард малчид хотоо нүүлгэж, салхинаас хамгаалсан уулын энгэрт буудаг. Хүүхдүүд ",
    "сургуулиасаа амралтаараа ирээд хонь хариулж, орой нь өвөөгийнхөө ярьсан үлгэрийг сонсдог байв. ",
    "Морьтой хүн алсаас ирэхэд нохой хуцаж, эмээ гал дээр цай тавина.",
  ],
  greek: [
    "Το μικρό νησί είχε μόνο ένα σχολείο και έναν δάσκαλο, που έφτανε κάθε Σεπτέμβρη με το τελευταίο ",
    "καράβι. Οι μαθητές τον περίμεναν στο λιμάνι με λουλούδια και του έδειχναν όσα είχαν μάθει το ",
    "καλοκαίρι: πώς να διαβάζουν τα σύννεφα, πώς να δένουν κόμπους και πώς να μαγειρεύουν χωρίς λάδι.",
  ],
  hebrew: [
    "בכל ערב היה השען הזקן סוגר את חנותו ומכוון את השעון הגדול שבכיכר העיר. הילדים חיכו לו ליד המזרקה ",
    "וביקשו לשמוע על הימים שבהם עוד נסעו כאן סוסים ועגלות. הוא חייך, הוציא מכיסו גלגל שיניים קטן, ואמר ",
    "שכל סיפור טוב מתחיל ברגע שמשהו נעצר.",
  ],
  arabic: [
    "في صباح كل يوم كان الصيادون يخرجون إلى البحر قبل شروق الشمس، ويعودون عند الظهيرة بقوارب مليئة ",
    "بالأسماك. كان الأطفال ينتظرونهم على الشاطئ، ويساعدونهم في حمل السلال إلى السوق. وفي المساء يجتمع ",
    "أهل القرية حول النار، فيروي لهم الشيخ حكايات عن المدن البعيدة والقوافل التي ضاعت في الصحراء.",
  ],
  arabic_vowelled: [
    "كَانَ فِي قَدِيمِ الزَّمَانِ مَلِكٌ عَادِلٌ يُحِبُّ شَعْبَهُ، وَكَانَ يَخْرُجُ كُلَّ لَيْلَةٍ ",
    "مُتَنَكِّرًا لِيَسْمَعَ مَا يَقُولُهُ النَّاسُ فِي الأَسْوَاقِ وَالطُّرُقَاتِ.",
  ],
  persian: [
    "پیرمرد هر روز عصر کنار پنجره می‌نشست و به باغی نگاه می‌کرد که خودش در جوانی کاشته بود. درختان گردو ",
    "حالا سایه‌ی بزرگی داشتند و نوه‌هایش زیر آن‌ها بازی می‌کردند. وقتی باد می‌وزید، برگ‌ها صدایی شبیه به ",
    "دریا می‌دادند و او به یاد سفری می‌افتاد که هرگز به پایان نرسیده بود.",
  ],
  urdu: [
    "گاؤں کے کنارے ایک پرانا کنواں تھا جس کا پانی گرمیوں میں بھی ٹھنڈا رہتا تھا۔ عورتیں صبح سویرے مٹکے ",
    "لے کر آتیں اور ایک دوسرے کو اپنے گھروں کی خبریں سناتیں۔ جب حکومت نے نلکے لگوا دیے تو کنواں ویران ہو ",
    "گیا، مگر بوڑھے لوگ اب بھی شام کو وہیں بیٹھتے ہیں۔",
  ],
  hindi: [
    "सुबह होते ही गाँव के किसान अपने खेतों की ओर निकल पड़ते थे। बच्चे स्कूल जाने से पहले कुएँ से पानी ",
    "भरते और माँ के लिए लकड़ियाँ इकट्ठी करते। शाम को सब लोग बरगद के पेड़ के नीचे बैठकर दादाजी की ",
    "कहानियाँ सुनते, जिनमें राजा, जंगल और बोलने वाले पक्षी होते थे।",
  ],
  marathi: [
    "पावसाळा सुरू झाला की डोंगरातून असंख्य धबधबे वाहू लागतात. शेतकरी आनंदाने भाताची लावणी करतात आणि मुले ",
    "चिखलात खेळतात. आजी सांगते की पूर्वी नदीला पूर आला तर आठवडाभर शाळा बंद असायची, आणि सगळे घरी बसून ",
    "गोष्टी ऐकत असत.",
  ],
  bengali: [
    "বর্ষাকালে নদীর জল যখন উঠোন পর্যন্ত চলে আসত, তখন আমরা নৌকায় করে স্কুলে যেতাম। মাঝি কাকা গান গাইতেন ",
    "আর আমরা জলে হাত ডুবিয়ে শাপলা ফুল তুলতাম। মা বলতেন, যে নদীকে ভালোবাসে সে কখনও পথ হারায় না, কারণ সব ",
    "পথ শেষ পর্যন্ত সাগরে গিয়ে মেশে।",
  ],
  punjabi: [
    "ਪਿੰਡ ਦੇ ਬਾਹਰ ਇੱਕ ਪੁਰਾਣਾ ਬੋਹੜ ਦਾ ਰੁੱਖ ਸੀ ਜਿਸ ਹੇਠਾਂ ਬਜ਼ੁਰਗ ਸ਼ਾਮ ਨੂੰ ਇਕੱਠੇ ਹੁੰਦੇ ਸਨ। ਬੱਚੇ ਉਹਨਾਂ ਤੋਂ ",
    "ਪੁਰਾਣੇ ਸਮਿਆਂ ਦੀਆਂ ਕਹਾਣੀਆਂ ਸੁਣਦੇ ਅਤੇ ਫਿਰ ਖੇਤਾਂ ਵਿੱਚ ਖੇਡਣ ਚਲੇ ਜਾਂਦੇ।",
  ],
  gujarati: [
    "દરિયા કિનારે આવેલા નાના ગામમાં માછીમારો રોજ સવારે હોડીઓ લઈને નીકળતા. બાળકો રેતીમાં શંખ વીણતાં અને ",
    "દાદી તેમને જૂના રાજાઓની વાર્તાઓ કહેતી. સાંજે આખું ગામ મંદિરની ઘંટડી સાંભળીને ભેગું થતું.",
  ],
  oriya: [
    "ଗାଁ ମୁଣ୍ଡରେ ଥିବା ପୋଖରୀରେ ପିଲାମାନେ ସକାଳେ ପହଁରୁଥିଲେ। ବୁଢ଼ା ଲୋକମାନେ ବରଗଛ ମୂଳରେ ବସି ପୁରୁଣା ଦିନର କଥା ",
    "କହୁଥିଲେ ଏବଂ ସନ୍ଧ୍ୟାରେ ସମସ୍ତେ ମନ୍ଦିରକୁ ଯାଉଥିଲେ।",
  ],
  tamil: [
    "மலை அடிவாரத்தில் இருந்த அந்தச் சிறிய கிராமத்தில் மழை பெய்தால் எல்லோரும் மகிழ்ச்சியாக இருப்பார்கள். ",
    "குழந்தைகள் காகிதக் கப்பல்கள் செய்து ஓடையில் விடுவார்கள். பாட்டி பழைய கதைகளைச் சொல்லிக்கொண்டே சூடான ",
    "பலகாரங்களைச் செய்து கொடுப்பாள்.",
  ],
  telugu: [
    "పల్లెటూరిలో సంక్రాంతి పండుగ వస్తే ఇళ్లన్నీ రంగవల్లులతో నిండిపోతాయి. పిల్లలు గాలిపటాలు ఎగరేస్తారు, ",
    "పెద్దలు కొత్త పంటను పూజిస్తారు. తాతయ్య తన చిన్ననాటి కథలు చెబుతుంటే మనవళ్లు ఆసక్తిగా వింటారు.",
  ],
  kannada: [
    "ಹಳ್ಳಿಯ ಕೆರೆಯ ದಂಡೆಯಲ್ಲಿ ಮಕ್ಕಳು ಸಂಜೆ ಆಟವಾಡುತ್ತಿದ್ದರು. ಅಜ್ಜಿ ಹೇಳುವ ಕಥೆಗಳನ್ನು ಕೇಳಲು ಎಲ್ಲರೂ ಮನೆಯ ಜಗುಲಿಯ ",
    "ಮೇಲೆ ಸೇರುತ್ತಿದ್ದರು. ಮಳೆಗಾಲದಲ್ಲಿ ನದಿ ತುಂಬಿ ಹರಿಯುವಾಗ ಶಾಲೆಗೆ ರಜೆ ಇರುತ್ತಿತ್ತು.",
  ],
  malayalam: [
    "പുഴയോരത്തെ ചെറിയ വീട്ടിൽ മുത്തശ്ശി ഒറ്റയ്ക്കാണ് താമസിച്ചിരുന്നത്. മഴക്കാലമായാൽ വഞ്ചിയിലാണ് ഞങ്ങൾ ",
    "അവിടെ പോയിരുന്നത്. അവർ പറഞ്ഞുതന്ന കഥകൾ കേട്ടുകൊണ്ട് ഞങ്ങൾ രാത്രി മുഴുവൻ ഉറങ്ങാതെ ഇരിക്കുമായിരുന്നു.",
  ],
  sinhala: [
    "ගමේ වැව ළඟ තිබුණු පැරණි පන්සලට අපි හැම පෝය දිනකම ගියා. ආච්චි මල් වට්ටියක් රැගෙන ආවා, අපි පහන් පත්තු ",
    "කළා. වැස්ස කාලයට පාර වතුරෙන් යට වුණත් කවුරුත් ගමන නවත්වන්නේ නැහැ.",
  ],
  thai: [
    "ทุกเช้าก่อนพระอาทิตย์ขึ้น ชาวประมงจะออกเรือไปยังทะเลที่เงียบสงบ เด็กๆ ช่วยแม่ตากปลาอยู่ริมหาด ",
    "และรอฟังเสียงเครื่องยนต์ของเรือที่กำลังกลับเข้าฝั่ง คุณตาเล่าว่าสมัยก่อนไม่มีนาฬิกา ",
    "ทุกคนดูเวลาจากดวงดาวและเสียงไก่ขันเท่านั้น",
  ],
  lao: [
    "ທຸກໆເຊົ້າຊາວບ້ານຈະໄປຕະຫຼາດເພື່ອຂາຍຜັກແລະປາທີ່ຈັບໄດ້ຈາກແມ່ນ້ຳຂອງ. ",
    "ເດັກນ້ອຍຍ່າງໄປໂຮງຮຽນຕາມທາງດິນ ",
    "ແລະຟັງນິທານຂອງພໍ່ເຖົ້າໃນຕອນແລງ.",
  ],
  khmer: [
    "រៀងរាល់ព្រឹក ប្រជានេសាទចេញទៅបឹងទន្លេសាបមុនពេលថ្ងៃរះ។ ក្មេងៗជួយម្តាយរៀបចំសំណាញ់ ",
    "ហើយរង់ចាំទូករបស់ឪពុកត្រឡប់មកវិញ។ ជីតានិយាយរឿងព្រេងអំពីស្តេចដែលលាក់កំណប់នៅក្រោមភ្នំ។",
  ],
  burmese: [
    "မနက်တိုင်း နေမထွက်ခင် တံငါသည်များသည် မြစ်ထဲသို့ လှေများဖြင့် ထွက်ခွာကြသည်။ ကလေးများက ကမ်းစပ်တွင် ",
    "စောင့်နေပြီး ငါးများကို ခြင်းထဲသို့ ထည့်ပေးကြသည်။ ညနေစောင်းတွင် အဘိုးက ရှေးဟောင်းပုံပြင်များကို ",
    "ပြောပြလေ့ရှိသည်။",
  ],
  tibetan: [
    "ཞོགས་པ་སྔ་པོར་འབྲོག་པ་ཚོས་གཡག་དང་ལུག་རྩྭ་ཐང་ལ་བཏང་བ་རེད། ",
    "ཕྲུ་གུ་ཚོས་ཨ་མའི་རོགས་རམ་བྱས་ནས་ཆུ་ལེན་པ་དང་མེ་ཤིང་འཐུ་བ་རེད། ",
    "ཨ་མ་དང་ཕྲུ་གུ་ཚོས་གཡག་དང་ལུག་ལ་ཆུ་དང་རྩྭ་སྟེར་བ་རེད། འབྲོག་པ་ཚོས་མེ་ཤིང་ལེན་པ་རེད།",
  ],
  georgian: [
    "ყოველ დილით მეთევზეები ზღვაში გადიოდნენ, სანამ მზე ამოვიდოდა. ბავშვები ნაპირზე ელოდებოდნენ და ",
    "დედებს ეხმარებოდნენ ბადეების შეკეთებაში. საღამოს მოხუცი მეზღვაური ძველ ამბებს ყვებოდა შორეულ ",
    "ქალაქებსა და დაკარგულ გემებზე.",
  ],
  armenian: [
    "Ամեն առավոտ ձկնորսները ծով էին դուրս գալիս, մինչև արևը կծագեր։ Երեխաները սպասում էին ափին և օգնում ",
    "մայրերին՝ ցանցերը նորոգելու։ Երեկոյան ծեր նավաստին պատմում էր հեռավոր քաղաքների և կորած նավերի ",
    "մասին։",
  ],
  amharic: [
    "ሁልጊዜ ጠዋት ገበሬዎቹ ፀሐይ ከመውጣቷ በፊት ወደ እርሻቸው ይሄዳሉ። ልጆቹ ውኃ ከምንጭ ይቀዳሉ፤ እናቶችም ቡና ያፈላሉ። ማታ ሁሉም በእሳቱ ዙሪያ ተሰብስበው ",
    "የአያታቸውን ተረት ያዳምጣሉ።",
  ],
  cherokee: ["ᎣᏏᏲ ᏂᎦᏓ ᎠᏂᏴᏫ ᏌᏊᎢ ᎤᏂᎷᏨ ᎦᏚᎲ ᎠᎴ ᎤᏂᏃᎮᎸ ᏧᏓᎴᏅᏛ ᏗᎧᏃᎮᎸᏗ ᎤᏪᏥ ᎠᏥᎳ ᎾᎥ ᎤᏒᎢ ᎤᎵᎮᎵᏍᏗ"],
  inuktitut: ["ᐅᓪᓛᒃᑯᑦ ᐊᖑᓇᓱᒃᑏᑦ ᐊᓂᕙᒃᐳᑦ ᓯᑯᒧᑦ ᓇᑦᑎᕋᓱᒋᐊᕐᓗᑎᒃ ᓱᕈᓯᓪᓗ ᐅᑕᖅᑭᔪᑦ ᐊᓈᓇᒥᓂᒃ ᐃᑲᔪᖅᖢᑎᒃ"],
  chinese: [
    "渡船很晚才到，码头上只剩下三个人。其中一位老太太抱着一只木箱，里面装着四十年来没有人拆开的信。她答应过外婆，要把这些信带回岛上去，虽然她不知",
    "道那里还有谁会读。风向变了，堤岸上的灯一盏接一盏地熄灭，船长又问了一遍，他们是不是真的要在今晚出发。",
  ],
  chinese_traditional: [
    "每年秋天，村裡的孩子們都會跟著老師上山撿栗子。老人說，這片樹林是他祖父親手種下的，那時候還沒有公路，要走兩天才能到縣城。如今遊客越來越多，茶",
    "館也開了好幾家，但是清晨霧氣散去之前，山谷裡依然只聽得見鳥叫和溪水的聲音。",
  ],
  chinese_classical: [
    "昔者有叟居於澤畔，善織笠，而不鬻。或問其故，對曰：「雨未至而儲之，雨既至而予之，吾所欲者，非錢也。」鄉人皆笑其迂，及大水，乃群趨其廬，叟悉授之，無慍色。",
  ],
  japanese: [
    "フェリーが着いたのは夜遅くで、港で待っていたのは三人だけだった。そのうちの一人は、四十年間だれも開けたことのない手紙の箱を抱えていた。彼女は",
    "祖母に、それを島へ持ち帰ると約束していたが、読んでくれる人がまだ残っているかどうかは分からなかった。風向きが変わり、防波堤のライトが一つずつ消えていった。",
  ],
  korean: [
    "배가 늦은 저녁에 들어왔을 때 낡은 항구에는 세 사람만 기다리고 있었다. 그중 한 사람은 사십 년 동안 아무도 열어 보지 않은 편지 상자를 들고 있었다. 할머니께 그 편지를 ",
    "섬으로 가져가겠다고 약속했지만, 그곳에 아직 읽어 줄 사람이 남아 있을지는 알 수 없었다. 바람이 바뀌고 방파제의 불빛이 하나씩 꺼졌다.",
  ],
});

/** The lines of each text in one. */
function joined(texts) {
  return Object.fromEntries(Object.entries(texts).map(([name, lines]) => [name, lines.join("")]));
}
