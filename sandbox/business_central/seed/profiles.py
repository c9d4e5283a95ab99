"""The two demo companies: a big one that everybody works in, and a small one beside it."""

from __future__ import annotations

from sandbox.business_central.seed.words import BUYERS, Buyer, Profile

MAIN = Profile(
    id="6f0c1f6e-92a4-4b7a-9d6b-3a1de5c20c7d",  # the same for every seed: people configure it
    name="Northwind Traders",
    address={
        "addressLine1": "1200 Alaskan Way",
        "city": "Seattle",
        "state": "WA",
        "country": "US",
        "postalCode": "98101",
        "phoneNumber": "+1 206 555 0100",
        "email": "ar@northwind.example",
        "website": "https://northwind.example",
        "taxRegistrationNumber": "91-0000000",
    },
    local=("USD", "$"),
    currencies=(
        ("EUR", "Euro", "€", "2:2", "0.01", "1.08"),
        ("GBP", "Pound Sterling", "£", "2:2", "0.01", "1.27"),
        ("JPY", "Japanese Yen", "¥", "0:0", "1", "0.0067"),
        ("KWD", "Kuwaiti Dinar", "KD", "3:3", "0.001", "3.25"),
    ),
    banks=(
        ("OPERATING", "Operating account", ""),
        ("EURO", "Euro account", "EUR"),
        ("STERLING", "Sterling account", "GBP"),
    ),
    batches=(("BANKUSD", "OPERATING"), ("BANKEUR", "EURO"), ("BANKGBP", "STERLING")),
    buyers=BUYERS,
)
SECOND = Profile(
    id="0d5a3c1e-7c44-4f6b-8a55-9a1f2b3c4d5e",
    name="Northwind Traders Canada",
    address={
        "addressLine1": "45 Water Street",
        "city": "Vancouver",
        "state": "BC",
        "country": "CA",
        "postalCode": "V6B 1A1",
        "phoneNumber": "+1 604 555 0100",
        "email": "ar@northwind-canada.example",
        "website": "https://northwind-canada.example",
        "taxRegistrationNumber": "100000000 RT0001",
    },
    local=("CAD", "$"),
    currencies=(
        ("EUR", "Euro", "€", "2:2", "0.01", "1.47"),
        ("USD", "US Dollar", "$", "2:2", "0.01", "1.36"),
    ),
    banks=(("OPERATING", "Operating account", ""), ("USDOLLAR", "US dollar account", "USD")),
    batches=(("BANKCAD", "OPERATING"), ("BANKUSD", "USDOLLAR")),
    buyers=(
        Buyer("C-70002", "Harborline Vancouver", "harborline-van", "Vancouver", "", "CA"),
        Buyer("C-70011", "Maple Ridge Lodge", "mapleridge", "Whistler", "", "CA"),
        Buyer("C-70025", "Peace Arch Inn", "peacearch", "Blaine", "WA", "US", "USD", "NET14"),
    ),
)
