/*
 * transport_document: the paper that goes with goods (in Italian DDT), out and in. Issuing one takes its number, without gaps,
 * and moves the goods; voiding it takes them back and keeps the number.
 */
#ifndef AFTERCARE_INVENTORY_TRANSPORT_DOCUMENT_H
#define AFTERCARE_INVENTORY_TRANSPORT_DOCUMENT_H

#include "resource.h"

extern const struct resource transport_document;

#endif
