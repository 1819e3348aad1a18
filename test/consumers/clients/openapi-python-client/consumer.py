"""Uses every operation of the service by what openapi-python-client generates. Its argument is the address of the service."""

import os
import sys
from io import BytesIO

from product_catalog_client import AuthenticatedClient, Client
from product_catalog_client.api.auth import list_public_keys, sign_in, sign_out
from product_catalog_client.api.managing import (
    create_product,
    delete_product,
    get_sync,
    import_products,
    list_product_history,
    replace_category,
    revert_category,
    revert_product,
    start_sync,
    update_product,
)
from product_catalog_client.api.catalog import export_products, get_product, list_categories, list_changes, list_products
from product_catalog_client.api.service import check_liveness, check_readiness, get_service_info
from product_catalog_client.models import (
    Author,
    Availability,
    CatalogState,
    CategoryInput,
    ChangeKind,
    Credentials,
    Problem,
    ProductInput,
    ProductPatch,
    SyncInput,
)
from product_catalog_client.types import File


def refused(status: int, answer: object) -> Problem:
    """The problem of a request that has to be refused with that status."""
    assert isinstance(answer, Problem) and answer.status == status, answer
    return answer


anyone = Client(base_url=sys.argv[1])
refused(401, list_products.sync(client=anyone))
password = os.environ["ADMIN_PASSWORD"]
token = sign_in.sync(client=anyone, body=Credentials(username="admin", password=password)).token
client = AuthenticatedClient(base_url=sys.argv[1], token=token)

# All pages, one after the other.
found, cursor = [], ""
while isinstance(cursor, str):
    page = list_products.sync(client=client, limit=70, cursor=cursor)
    found += page.products
    cursor = page.next_cursor
assert len({product.id for product in found}) == len(found) == page.total

categories = ["beauty", "skin-care"]
page = list_products.sync(
    client=client,
    q="cream",
    category=categories,
    availability=[Availability.IN_STOCK, Availability.LOW_STOCK],
    sort="-price",
    facets=["brand", "price"],
)
assert page.total > 0
assert all(product.category in categories for product in page.products)
prices = [product.price for product in page.products]
assert prices == sorted(prices, reverse=True)
assert page.facets.brand[0].count > 0
assert page.facets.price[0].min_price >= 0
assert "beauty" in [category.slug for category in list_categories.sync(client=client).categories]

mascara = get_product.sync(1, client=client)
assert mascara.sku == "BEA-0001"
assert mascara.reviews[0].date.year > 2000
problem = refused(404, get_product.sync(2147483647, client=client))
assert problem.type_ == "urn:problem-type:product-catalog:product-not-found"

# Make, change and remove one.
created = create_product.sync_detailed(
    client=client,
    body=ProductInput(
        sku="PYTHON-2",
        title="Stoneware Mug",
        category="kitchen-accessories",
        price=12.5,
        thumbnail="https://images.example/mug.webp",
    ),
)
id, etag = created.parsed.id, created.headers["etag"]
assert update_product.sync(id, client=client, body=ProductPatch(price=9.5), if_match=etag).price == 9.5
refused(412, update_product.sync(id, client=client, body=ProductPatch(price=1), if_match=etag))
refusal = refused(400, update_product.sync(id, client=client, body=ProductPatch(price=-1), if_match="*"))
assert refusal.errors[0].pointer == "/price"
assert delete_product.sync_detailed(id, client=client, if_match="*").status_code == 204
refused(404, get_product.sync(id, client=client))

update_product.sync(1, client=client, body=ProductPatch(price=1), if_match="*")
assert revert_product.sync(1, client=client, if_match="*").price == mascara.price
latest = list_product_history.sync(1, client=client).history[0]
assert (latest.kind, latest.by) == (ChangeKind.UPDATED, Author.ACCOUNT)
changes = list_changes.sync(client=client, after=0, limit=5).changes
assert [change.revision for change in changes] == [1, 2, 3, 4, 5]

# The whole catalog out, and something in.
rows = export_products.sync(client=client, category=categories).splitlines()
assert len(rows) > 0
file = File(payload=BytesIO(f"id,price\n1,{mascara.price}\n".encode()))
report = import_products.sync(client=client, body=file, dry_run=True)
assert report.unchanged == report.rows == 1

assert replace_category.sync("beauty", client=client, body=CategoryInput(name="Care")).name == "Care"
assert revert_category.sync_detailed("beauty", client=client).status_code == 204

assert start_sync.sync(client=client, body=SyncInput(accept_loss=False)).state == CatalogState.SAMPLE
assert get_sync.sync(client=client).catalog.state == CatalogState.SAMPLE
assert get_service_info.sync(client=anyone).catalog.state == CatalogState.SAMPLE
assert check_liveness.sync(client=anyone).status == "ok"
assert check_readiness.sync(client=anyone).checks
assert list_public_keys.sync(client=anyone).keys[0].alg == "ES256"
assert sign_out.sync_detailed(client=client).status_code == 204
refused(401, list_categories.sync(client=client))
