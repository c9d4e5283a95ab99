"""The words of the demo company: who buys, what is bought, how it is paid."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer of the demo company. ``currency`` "" is the local one."""

    number: str
    name: str
    domain: str
    city: str
    state: str
    country: str
    currency: str = ""
    terms: str = "NET30"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is sold, with its price in US dollars."""

    number: str
    description: str
    unit: str
    price: str
    taxable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A demo company. A currency is code, name, symbol, decimals, precision and rate; a bank
    account is number, name and currency, and may have a cash receipt batch."""

    id: str
    name: str
    address: dict[str, str]
    local: tuple[str, str]
    currencies: tuple[tuple[str, ...], ...]
    banks: tuple[tuple[str, str, str], ...]
    batches: tuple[tuple[str, str], ...]
    buyers: tuple[Buyer, ...]


HARBORLINE, EVENTS, ALPINE = "C-10482", "C-10519", "C-20077"

BUYERS = (
    Buyer(HARBORLINE, "Harborline Hotels", "harborline", "Seattle", "WA", "US"),
    Buyer(EVENTS, "Harborline Events", "harborline-events", "Seattle", "WA", "US"),
    Buyer(ALPINE, "Alpine Linen", "alpinelinen", "Innsbruck", "", "AT", "EUR"),
    Buyer("C-10006", "Wide World Importers", "wideworld", "Oakland", "CA", "US", "", "2%10N30"),
    Buyer("C-10027", "Adatum Corporation", "adatum", "Boise", "ID", "US"),
    Buyer("C-10144", "Proseware Foods", "proseware", "Spokane", "WA", "US"),
    Buyer("C-10218", "Trey Research", "treyresearch", "Eugene", "OR", "US", "", "NET14"),
    Buyer("C-10277", "Alpine Ski House", "alpineski", "Bend", "OR", "US"),
    Buyer("C-10311", "Contoso Catering", "contoso-catering", "Portland", "OR", "US"),
    Buyer("C-10390", "Tailspin Cafés", "tailspin", "Tacoma", "WA", "US", "", "NET14"),
    Buyer("C-10402", "Fabrikam Residences", "fabrikam", "San Francisco", "CA", "US", "", "NET60"),
    Buyer("C-10433", "Fourth Coffee", "fourthcoffee", "Olympia", "WA", "US"),
    Buyer("C-10459", "Margie’s Travel", "margiestravel", "Sacramento", "CA", "US"),
    Buyer("C-10470", "Litware Spa and Wellness", "litware", "Reno", "NV", "US", "", "2%10N30"),
    Buyer("C-10533", "Lakeside Bistro Group", "lakeside", "Bellevue", "WA", "US"),
    Buyer("C-10541", "Woodgrove Conference Center", "woodgrove", "Denver", "CO", "US"),
    Buyer("C-10560", "Blue Yonder Lounges", "blueyonder", "Phoenix", "AZ", "US"),
    Buyer("C-10577", "Coho Vineyard Inn", "cohovineyard", "Walla Walla", "WA", "US"),
    Buyer("C-20081", "Maison Rivage", "rivage", "Nantes", "", "FR", "EUR"),
    Buyer("C-20094", "Hotel Lindenhof", "lindenhof", "Freiburg", "", "DE", "EUR"),
    Buyer("C-30012", "Thames Quay Hotels", "thamesquay", "London", "", "GB", "GBP"),
    Buyer("C-30025", "Highland Lodges", "highlandlodges", "Inverness", "", "GB", "GBP"),
    Buyer("C-40008", "Kumo Ryokan", "kumo", "Kyoto", "", "JP", "JPY"),
    Buyer("C-50003", "Gulf Pearl Hospitality", "gulfpearl", "Kuwait City", "", "KW", "KWD"),
)

# People of customers: first name, last name, title. Others have a box for accounts payable.
PEOPLE = {
    HARBORLINE: (("Dana", "Okafor", "Buyer"), ("Accounts", "Payable", "Accounts payable")),
    ALPINE: (("Luca", "Brunner", "Buyer"),),
}

SITES = ("Seattle Waterfront", "Portland Pearl", "Tacoma Dome", "Head office")

ITEMS = (
    Item("NW-1042", "Arabica whole bean, dark roast, 5 lb bag", "BAG", "34.50"),
    Item("NW-1048", "Espresso blend, whole bean, 5 lb bag", "BAG", "36.90"),
    Item("NW-1107", "Darjeeling tea, loose leaf, 1 kg tin", "TIN", "41.20"),
    Item("NW-1115", "Peppermint tea, 100 sachets", "BOX", "18.40"),
    Item("NW-2210", "Oat beverage, barista, case of 12", "CASE", "27.90"),
    Item("NW-2231", "Sparkling water, 0.75 l, case of 12", "CASE", "16.80"),
    Item("NW-2246", "Orange juice, not from concentrate, case of 8", "CASE", "31.60"),
    Item("NW-3305", "Raw cane sugar sticks, box of 1,000", "BOX", "18.75"),
    Item("NW-3312", "Honey portions, case of 200", "CASE", "42.30"),
    Item("NW-3340", "Shortbread, twin pack, case of 150", "CASE", "38.25"),
    Item("NW-4418", "Compostable cup, 12 oz, case of 500", "CASE", "52.00", taxable=True),
    Item("NW-4425", "Compostable lid, 12 oz, case of 500", "CASE", "24.50", taxable=True),
    Item("NW-4490", "Linen-feel napkin, case of 600", "CASE", "33.10", taxable=True),
    Item("NW-5104", "Bath towel, 600 g, white, pack of 12", "PACK", "118.80", taxable=True),
    Item("NW-5110", "Hand towel, 600 g, white, pack of 24", "PACK", "86.40", taxable=True),
    Item("NW-5131", "Fitted sheet, queen, percale, pack of 6", "PACK", "142.50", taxable=True),
    Item("NW-5138", "Duvet cover, queen, sateen, pack of 4", "PACK", "196.00", taxable=True),
    Item("NW-5160", "Bathrobe, waffle, size L, pack of 6", "PACK", "168.00", taxable=True),
    Item("NW-6021", "Shampoo, refill, 5 l canister", "EACH", "48.90", taxable=True),
    Item("NW-6024", "Body wash, refill, 5 l canister", "EACH", "46.20", taxable=True),
    Item("NW-6038", "Soap bar, 30 g, case of 400", "CASE", "74.00", taxable=True),
    Item("NW-6105", "Laundry detergent, 20 kg", "EACH", "92.75", taxable=True),
    Item("NW-7012", "Dinner plate, 27 cm, box of 12", "BOX", "88.20", taxable=True),
    Item("NW-7020", "Espresso cup and saucer, box of 24", "BOX", "96.00", taxable=True),
    Item("NW-7044", "Wine glass, 45 cl, box of 24", "BOX", "79.20", taxable=True),
    Item("NW-8003", "Grinder burr set, 64 mm", "EACH", "64.00", taxable=True),
    Item("NW-8017", "Water filter cartridge, XL", "EACH", "112.00", taxable=True),
)

# Number, order, issued (days from today), total, paid of it, terms, site: the invoices
# that people meet in the guides. The rest of the company is drawn around them.
FIXED = (
    (204356, "PO-77120", -42, "2418.00", "0", "NET30", 0),
    (204371, "PO-77154", -37, "3106.75", "1553.35", "NET30", 1),
    (204388, "PO-77180", -34, "2941.00", "0", "NET30", 0),
    (204391, "PO-77191", -27, "4218.60", "0", "NET30", 0),
    (204395, "PO-77203", -26, "1870.25", "0", "NET30", 2),
    (204402, "PO-77219", -23, "968.40", "0", "NET30", 1),
    (204410, "PO-77226", -20, "6315.00", "0", "NET30", 0),
    (204413, "PO-77231", -16, "512.10", "0", "NET30", 3),
    (204418, "PO-77240", -8, "4820.00", "0", "2%10N30", 0),
    (204421, "PO-77248", -7, "2764.95", "0", "2%10N30", 2),
    (204427, "PO-77255", -3, "3390.80", "0", "NET30", 1),
    (204430, "PO-77261", -2, "1245.50", "0", "NET30", 0),
)
LAST_NUMBER = 204455
OPEN_TOTAL = "86412.57"  # what Harborline Hotels owes in all, over OPEN_COUNT invoices
OPEN_COUNT = 38
