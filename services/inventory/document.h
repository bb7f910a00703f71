/*
 * document: the papers that there are of something, and where to get each: the transport documents of an asset, the forms of
 * one of them. Papers are made when they are asked for, of what is recorded then.
 */
#ifndef AFTERCARE_INVENTORY_DOCUMENT_H
#define AFTERCARE_INVENTORY_DOCUMENT_H

#include "resource.h"

extern const struct resource document;

#endif
