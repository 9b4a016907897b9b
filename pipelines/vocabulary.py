"""What tools call the same thing in nine languages: metric → headers; ``WORDS`` are shared by all layouts.

A layout adds its tool's own words and may leave this table out for a column (``shared=False``). Sources: exports and
their parsers in public repositories, the tools' help pages, and the interfaces' own wording; where a tool changed its
word, both are here. Compared after ``cells.fold``: case, accents and punctuation do not matter. In Polish and Japanese
one word is impressions in one tool and views in the next, so ``BY_TOOL`` has them by network.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    "impressions": "Impressions|de:Impressionen|de:Einblendungen|fr:Impressions|es:Impresiones|it:Impressioni|it:Impression"
    "|pt:Impressões|nl:Vertoningen|nl:Weergaven (impressies)|nl:Impressies",
    "views": "Views|de:Aufrufe|de:Ansichten|de:Wiedergaben|fr:Vues|fr:Affichages|es:Visualizaciones"
    "|es:Vistas|es:Reproducciones|it:Visualizzazioni|pt:Visualizações|pt:Exibições|nl:Weergaven",
    "clicks": "Clicks|de:Klicks|fr:Clics|es:Clics|es:Clicks|it:Clic|pt:Cliques|nl:Klikken|nl:Kliks",
    "likes": "Likes|de:„Gefällt mir“-Angaben|de:Gefällt mir|de:Gefällt-mir-Angaben|de:Gefällt-mir|fr:J’aime|fr:Mentions J’aime"
    "|es:Me gusta|es:Indicaciones de «Me gusta»|it:Mi piace|pt:Gostos|pt:Curtidas|pt:Gostei|nl:Vind-ik-leuks|nl:Likes"
    "|nl:Vind ik leuk",
    "comments": "Comments|de:Kommentare|fr:Commentaires|es:Comentarios|it:Commenti|pt:Comentários|nl:Reacties (opmerkingen)"
    "|nl:Opmerkingen|nl:Commentaren",
    "shares": "Shares|de:Geteilte Inhalte|de:Geteilt|de:Mal geteilt|fr:Partages|es:Veces compartido|es:Compartidos"
    "|es:Contenido compartido|it:Condivisioni|pt:Partilhas|pt:Compartilhamentos|nl:Keren gedeeld|nl:Gedeeld",
    "reactions": "Reactions|de:Reaktionen|fr:Réactions|es:Reacciones|it:Reazioni|pt:Reações|nl:Reacties",
    "reach": "Reach|de:Reichweite|fr:Couverture|fr:Portée|es:Alcance|it:Copertura|pt:Alcance|nl:Bereik",
    "engagements": "Engagements|de:Interaktionen|fr:Engagements|fr:Interactions|es:Interacciones|it:Interazioni|pt:Interações"
    "|pt:Engajamentos|nl:Interacties",
    "replies": "Replies|de:Antworten|fr:Réponses|es:Respuestas|it:Risposte|pt:Respostas|nl:Antwoorden",
    "reposts": "Reposts|de:Reposts|de:Erneut geteilt|fr:Reposts|fr:Republications|es:Reposts|es:Veces que se ha vuelto a publicar"
    "|es:Publicaciones compartidas|it:Repost|it:Ricondivisioni|pt:Reposts|pt:Republicações|nl:Reposts",
    "bookmarks": "Bookmarks|de:Lesezeichen|fr:Signets|es:Guardados|es:Elementos guardados|it:Segnalibri|pt:Itens salvos"
    "|pt:Marcadores|nl:Bladwijzers",
    "saves": "Saves|de:Gespeichert|de:Speicherungen|de:Gespeicherte Inhalte|fr:Enregistrements|es:Guardados|es:Veces guardado"
    "|it:Salvataggi|it:Elementi salvati|pt:Salvamentos|pt:Guardados|pt:Itens salvos|nl:Keren opgeslagen|nl:Opgeslagen",
    "follows": "Follows|de:Follows|de:Abonniert|fr:Abonnements|fr:Followers gagnés|es:Seguimientos|es:Seguidores|it:Follower"
    "|it:Persone che seguono|pt:Seguimentos|pt:Seguidores|nl:Volgers|nl:Gevolgd",
    "link_clicks": "Link clicks|de:Link-Klicks|de:Linkklicks|fr:Clics sur un lien|fr:Clics sur les liens|es:Clics en el enlace"
    "|es:Clics en enlaces|it:Clic sul link|it:Clic sui link|pt:Cliques na ligação|pt:Cliques no link|nl:Linkklikken"
    "|nl:Klikken op links",
    "profile_visits": "Profile visits|de:Profilbesuche|de:Profilaufrufe|fr:Visites de profil|fr:Visites du profil|es:Visitas al perfil"
    "|it:Visite al profilo|pt:Visitas ao perfil|nl:Profielbezoeken",
    "day": "Date|Day|de:Datum|de:Tag|fr:Date|fr:Jour|es:Fecha|es:Día|it:Data|it:Giorno|pt:Data|pt:Dia|nl:Datum|nl:Dag",
    "engagement_rate": "Engagement rate|de:Interaktionsrate|de:Engagement-Rate|fr:Taux d’engagement|fr:Taux d’interaction"
    "|es:Tasa de interacción|es:Tasa de engagement|it:Tasso di interazione|it:Tasso di engagement|pt:Taxa de engajamento"
    "|pt:Taxa de interação|nl:Betrokkenheidspercentage|nl:Interactiepercentage",
}  # fmt: skip

BY_TOOL: dict[str, dict[str, str]] = {
    "x": {
        "id": "ja:ポストID|ja:ツイートID|ja:投稿ID|pl:Identyfikator posta|pl:ID posta|pl:Identyfikator wpisu",
        "published": "ja:日付|ja:時間|ja:日時|pl:Data|pl:Godzina", "day": "ja:日付|pl:Data",
        "text": "ja:ポスト本文|ja:ツイート本文|pl:Treść posta|pl:Tekst posta",
        "link": "ja:ポストのリンク|ja:ツイートの固定リンク|ja:ポストの固定リンク|pl:Link do posta|pl:Łącze do posta",
        "impressions": "ja:インプレッション|ja:インプレッション数|pl:Wyświetlenia",
        "likes": "ja:いいね|ja:いいね数|pl:Polubienia", "engagements": "ja:エンゲージメント|ja:エンゲージメント数|pl:Aktywność",
        "engagement_rate": "ja:エンゲージメント率|pl:Wskaźnik aktywności", "bookmarks": "ja:ブックマーク|pl:Zakładki",
        "shares": "ja:共有|ja:共有数|pl:Udostępnienia", "replies": "ja:返信|ja:返信数|pl:Odpowiedzi",
        "reposts": "ja:リポスト|ja:リツイート|pl:Podania dalej|pl:Retweety",
        "new_follows": "ja:新しいフォロー|ja:フォロー|ja:新規フォロー|pl:Nowi obserwujący",
        "profile_visits": "ja:プロフィールへのアクセス|ja:ユーザープロフィールクリック|pl:Wizyty na profilu",
        "detail_expands": "ja:詳細クリック|ja:詳細のクリック数|pl:Rozwinięcia szczegółów",
        "url_clicks": "ja:URLクリック数|ja:URLのクリック数|pl:Kliknięcia linku",
        "hashtag_clicks": "ja:ハッシュタグクリック|ja:ハッシュタグのクリック数|pl:Kliknięcia hasztagu",
        "permalink_clicks": "ja:固定リンクのクリック数|pl:Kliknięcia linku bezpośredniego",
        "media_views": "ja:メディアの再生数", "media_engagements": "ja:メディアのエンゲージメント",
        "app_opens": "ja:アプリ表示", "app_installs": "ja:アプリインストール", "email_tweet": "ja:ツイートをメールで送信",
        "dial_phone": "ja:ダイヤル式電話",
    },
    "youtube": {
        "id": "ja:コンテンツ|ja:動画|pl:Treść|pl:Treści|pl:Film", "title": "ja:動画のタイトル|pl:Tytuł filmu",
        "published": "ja:動画公開時刻|ja:動画の公開時刻|pl:Czas publikacji filmu|pl:Data publikacji filmu",
        "duration": "ja:長さ|ja:動画の長さ|pl:Czas trwania", "day": "ja:日付|pl:Data",
        "views": "ja:視聴回数|pl:Wyświetlenia|pl:Obejrzenia", "engaged_views": "ja:エンゲージ ビュー|ja:エンゲージ ビュー数",
        "watch_time_hours": "ja:総再生時間（時間）|ja:総再生時間（単位: 時間）|pl:Czas oglądania (godziny)|pl:Czas oglądania (w godz.)",
        "subscribers": "ja:チャンネル登録者|ja:チャンネル登録者数|pl:Subskrybenci|pl:Subskrypcje",
        "subscribers_gained": "ja:チャンネル登録者の増加数|ja:増加したチャンネル登録者数|pl:Pozyskani subskrybenci",
        "subscribers_lost": "ja:チャンネル登録者の減少数|ja:減少したチャンネル登録者数|pl:Utraceni subskrybenci",
        "impressions": "ja:インプレッション数|ja:インプレッション|pl:Wyświetlenia miniatur",
        "impressions_click_through_rate": "ja:インプレッションのクリック率 (%)|ja:インプレッションのクリック率|pl:Współczynnik klikalności wyświetleń (%)",
        "new_viewers": "ja:新しい視聴者|pl:Nowi widzowie", "casual_viewers": "ja:カジュアル視聴者",
        "regular_viewers": "ja:常連の視聴者|pl:Stali widzowie", "returning_viewers": "ja:リピーター|pl:Powracający widzowie",
        "unique_viewers": "ja:ユニーク視聴者数|pl:Unikalni widzowie", "likes": "ja:高評価数|ja:高評価|pl:Oceny w górę|pl:Polubienia",
        "dislikes": "ja:低評価数|ja:低評価|pl:Oceny w dół", "comments": "ja:追加されたコメント|ja:追加されたコメント数|pl:Dodane komentarze",
        "shares": "ja:共有数|ja:共有|pl:Udostępnienia", "estimated_revenue": "ja:推定収益|pl:Szacunkowe przychody",
        "average_view_duration": "ja:平均視聴時間|pl:Średni czas oglądania",
        "average_percentage_viewed": "ja:平均再生率 (%)|pl:Średni odsetek obejrzanej długości (%)|pl:Średni procent obejrzenia (%)",
    },
    "ga4": {
        "active_users": "ja:アクティブ ユーザー|ja:アクティブ ユーザー数|pl:Aktywni użytkownicy|pl:Liczba aktywnych użytkowników",
        "new_users": "ja:新規ユーザー数|ja:新規ユーザー|pl:Nowi użytkownicy",
        "total_users": "ja:総ユーザー数|ja:合計ユーザー数|ja:ユーザーの合計数|pl:Łączna liczba użytkowników|pl:Wszyscy użytkownicy",
        "returning_users": "ja:リピーター数|ja:リピーター|pl:Powracający użytkownicy", "sessions": "ja:セッション|ja:セッション数|pl:Sesje",
        "engaged_sessions": "ja:エンゲージのあったセッション数|ja:エンゲージのあったセッション|pl:Sesje z zaangażowaniem|pl:Zaangażowane sesje",
        "views": "ja:表示回数|ja:ページビュー数|pl:Wyświetlenia", "event_count": "ja:イベント数|pl:Liczba zdarzeń",
        "key_events": "ja:キーイベント|ja:キーイベント数|pl:Kluczowe zdarzenia", "total_revenue": "ja:合計収益|pl:Łączne przychody|pl:Suma przychodów",
        "engagement_rate": "ja:エンゲージメント率|pl:Współczynnik zaangażowania", "bounce_rate": "ja:直帰率|pl:Współczynnik odrzuceń",
        "average_engagement_time": "ja:平均エンゲージメント時間|pl:Średni czas zaangażowania",
        "average_engagement_time_per_active_user": "ja:アクティブ ユーザーあたりの平均エンゲージメント時間|pl:Średni czas zaangażowania na aktywnego użytkownika",
        "average_engagement_time_per_session": "ja:セッションあたりの平均エンゲージメント時間|pl:Średni czas zaangażowania na sesję",
        "views_per_active_user": "ja:アクティブ ユーザーあたりのビュー|pl:Wyświetlenia na aktywnego użytkownika",
        "events_per_session": "ja:セッションあたりのイベント数|pl:Liczba zdarzeń na sesję",
        "session_source_medium": "ja:セッションの参照元 / メディア|pl:Źródło / medium sesji|pl:Źródło/medium sesji",
        "first_user_source_medium": "ja:ユーザーの最初の参照元 / メディア|ja:最初のユーザーの参照元 / メディア|pl:Pierwsze źródło/medium użytkownika",
        "channel_group": "ja:セッションのメインのチャネル グループ（デフォルト チャネル グループ）|ja:セッションのデフォルト チャネル グループ"
        "|pl:Główna grupa kanałów sesji (domyślna grupa kanałów)|pl:Domyślna grupa kanałów sesji",
        "page": "ja:ページ タイトルとスクリーン クラス|ja:ページ パスとスクリーン クラス|ja:ページ タイトル|ja:ランディング ページ"
        "|pl:Tytuł strony i klasa ekranu|pl:Ścieżka strony i klasa ekranu|pl:Strona docelowa",
        "country": "ja:国|pl:Kraj", "city": "ja:市区町村|pl:Miasto", "language": "ja:言語|pl:Język",
        "device": "ja:デバイス カテゴリ|pl:Kategoria urządzenia", "event": "ja:イベント名|pl:Nazwa zdarzenia",
        "nth_day": "ja:N 日目|pl:N-ty dzień", "day": "ja:日付|ja:日|pl:Data|pl:Dzień",
    },
    "search_console": {
        "query": "ja:上位のクエリ|ja:クエリ|pl:Najczęstsze zapytania|pl:Najpopularniejsze zapytania|pl:Zapytania",
        "page": "ja:上位のページ|ja:ページ|pl:Najpopularniejsze strony|pl:Najczęstsze strony|pl:Strony",
        "country": "ja:国|pl:Kraj|pl:Kraje", "device": "ja:デバイス|pl:Urządzenie|pl:Urządzenia",
        "search_appearance": "ja:検索での見え方|pl:Wygląd w wyszukiwarce", "day": "ja:日付|pl:Data",
        "clicks": "ja:クリック数|pl:Kliknięcia", "impressions": "ja:表示回数|pl:Wyświetlenia",
        "ctr": "ja:CTR|pl:CTR|pl:Współczynnik klikalności", "position": "ja:掲載順位|ja:平均掲載順位|pl:Pozycja|pl:Średnia pozycja",
    },
    "facebook": {
        "id": "ja:投稿ID|pl:Identyfikator posta|pl:ID posta", "page_id": "ja:ページID|pl:Identyfikator strony|pl:ID strony",
        "page_name": "ja:ページ名|pl:Nazwa strony", "account_id": "ja:アカウントID|pl:Identyfikator konta|pl:ID konta",
        "account_username": "ja:アカウントのユーザーネーム|ja:アカウントユーザーネーム|pl:Nazwa użytkownika konta",
        "account_name": "ja:アカウント名|pl:Nazwa konta", "title": "ja:タイトル|pl:Tytuł", "description": "ja:説明|pl:Opis",
        "duration": "ja:時間 (秒)|ja:長さ(秒)|pl:Czas trwania (s)|pl:Czas trwania (w sekundach)",
        "published": "ja:公開日時|ja:公開時間|ja:投稿日時|pl:Czas publikacji|pl:Godzina publikacji|pl:Data publikacji",
        "link": "ja:パーマリンク|ja:固定リンク|pl:Bezpośredni link|pl:Link bezpośredni|pl:Link stały", "period": "ja:日付|pl:Data",
        "day": "ja:日付|pl:Data", "type": "ja:投稿タイプ|ja:投稿の種類|pl:Typ posta", "languages": "ja:言語|pl:Języki",
        "views": "ja:ビュー|ja:閲覧数|ja:再生数|pl:Wyświetlenia", "reach": "ja:リーチ|ja:閲覧者|pl:Zasięg|pl:Widzowie",
        "engagements": "ja:リアクション、コメント、シェア|ja:インタラクション|pl:Reakcje, komentarze i udostępnienia|pl:Interakcje",
        "reactions": "ja:リアクション|pl:Reakcje", "likes": "ja:いいね！|ja:「いいね！」|ja:いいね|pl:Polubienia",
        "comments": "ja:コメント|pl:Komentarze", "shares": "ja:シェア|ja:シェア数|pl:Udostępnienia",
        "saves": "ja:保存|ja:保存数|pl:Zapisania|pl:Zapisy", "follows": "ja:フォロー|ja:フォロー数|pl:Obserwacje|pl:Zaobserwowania",
        "unfollows": "ja:フォロー解除|pl:Zakończone obserwowanie",
        "total_clicks": "ja:合計クリック数|ja:クリック合計|pl:Łączna liczba kliknięć|pl:Suma kliknięć",
        "other_clicks": "ja:その他のクリック|ja:その他のクリック数|pl:Inne kliknięcia", "link_clicks": "ja:リンククリック|ja:リンクのクリック数|pl:Kliknięcia linku|pl:Kliknięcia linków",
        "seconds_viewed": "ja:再生時間(秒)|pl:Obejrzane sekundy", "primary": "ja:メイン|pl:Główny|pl:Podstawowe",
    },
    "hubspot": {
        "id": "ja:レコードID|ja:コンタクトID|pl:Identyfikator rekordu|pl:ID rekordu", "first_name": "ja:名|pl:Imię", "last_name": "ja:姓|pl:Nazwisko",
        "email": "ja:Eメール|ja:メールアドレス|pl:E-mail|pl:Adres e-mail", "phone": "ja:電話番号|pl:Numer telefonu",
        "mobile": "ja:携帯電話番号|pl:Numer telefonu komórkowego", "stage": "ja:ライフサイクルステージ|pl:Etap cyklu życia|pl:Faza cyklu życia",
        "status": "ja:リードステータス|pl:Status leada|pl:Status potencjalnego klienta", "created": "ja:作成日|pl:Data utworzenia",
        "origin": "ja:オリジナルソース|ja:元のソース|ja:最初のトラフィックソース|pl:Oryginalne źródło|pl:Pierwotne źródło|pl:Oryginalne źródło ruchu",
        "owner": "ja:コンタクト担当者|ja:コンタクトの担当者|pl:Właściciel kontaktu", "company": "ja:会社名|pl:Nazwa firmy",
        "job_title": "ja:役職|pl:Stanowisko", "city": "ja:市区町村|pl:Miasto", "country": "ja:国/地域|pl:Kraj/region",
    },
}  # fmt: skip
