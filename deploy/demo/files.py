"""Files on what the demo tenant has: a machine, a call, a return and a transport document."""
import urllib.parse

# Collection, reference of the row, name, what it says.
FILES = [
    ("/v1/assets", "demo:asset:A", "verbale-consegna-A.txt", "Escavatore A consegnato e collaudato l'8 gennaio 2001."),
    ("/v1/calls", "demo:1", "rilievo-benna.txt", "Perno lato destro bloccato, gioco misurato 4 mm."),
    ("/v1/rmas", "demo:rma:offer", "prova-pressione.txt", "Pompa PM-1811: 180 bar a regime, attesi 350."),
    ("/v1/transport-documents", "demo:ddt:loan", "presa-in-carico.txt", "Martello HM-11 ritirato in comodato, completo di due punte."),
]


def files_make(api):
    for collection, reference, name, text in FILES:
        row = api.find(collection, external_ref=reference)
        below = f"{collection}/{row['id']}/attachments"
        if not api.find(below):
            query = urllib.parse.urlencode({"file_name": name, "visibility": "public"})
            api.exchange("POST", f"{below}?{query}", text.encode(), "text/plain; charset=utf-8")
