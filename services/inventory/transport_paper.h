/* transport_paper: a transport document as it goes with the goods: a page, or several, as PDF in the tenant's language. */
#ifndef AFTERCARE_INVENTORY_TRANSPORT_PAPER_H
#define AFTERCARE_INVENTORY_TRANSPORT_PAPER_H

#include "request.h"

/* GET /v1/transport-documents/{id}/pdf: as it is now. A draft and a voided one say so behind all of the page. */
enum fault transport_paper_get(struct request *request);

#endif
